/** The API's documentation, drawn by Swagger UI from the service's own OpenAPI document. Nothing of it comes from elsewhere. */
import "swagger-ui-dist/swagger-ui.css";
import "./docs.css";
import SwaggerUIBundle from "swagger-ui-dist/swagger-ui-es-bundle.js";

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#documentation",
  deepLinking: true,
  showExtensions: true,
  showCommonExtensions: true,
  // Without this a badge is asked for from the makers' own host.
  validatorUrl: null,
});
