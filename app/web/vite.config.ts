import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** The service that `npm run dev` shows; say another with EDGEPLAN_SERVER. */
const service = process.env["EDGEPLAN_SERVER"] ?? "http://127.0.0.1:8000";

/** The service is asked under the name of the page, or it would take each change for that of another site's page. */
const proxy = { "^/(v1|openapi.json)": { target: service, changeOrigin: false } };

/** What Swagger UI says of itself and of what it holds; `build.license` sees no further than its package. */
const notices = {
  name: "notices-of-swagger-ui",
  generateBundle(this: { emitFile(file: { type: "asset"; fileName: string; source: string }): string }): void {
    const source = ["NOTICE", "swagger-ui-es-bundle.js.LICENSE.txt"]
      .map((name) => readFileSync(`node_modules/swagger-ui-dist/${name}`, "utf-8"))
      .join("\n\n");
    this.emitFile({ type: "asset", fileName: "licences-swagger-ui.txt", source });
  },
};

export default defineConfig({
  plugins: [notices],
  build: {
    outDir: "dist",
    target: "es2022",
    assetsInlineLimit: 0, // the content security policy allows nothing but files of the service
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1600, // Swagger UI comes as one file, which only the page of the documentation loads
    license: { fileName: "licences.md" }, // of what is bundled; it is given to others with the bundle
    rolldownOptions: { input: ["index.html", "docs.html"] },
  },
  server: { proxy },
  preview: { proxy },
  test: { environment: "happy-dom", include: ["test/**/*.test.ts"] },
});
