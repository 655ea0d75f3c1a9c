/** What is used of Swagger UI, which comes without types of its own. */
declare module "swagger-ui-dist/swagger-ui-es-bundle.js" {
  export default function SwaggerUIBundle(options: {
    url: string;
    dom_id: string;
    deepLinking: boolean;
    showExtensions: boolean;
    showCommonExtensions: boolean;
    validatorUrl: null;
  }): unknown;
}
