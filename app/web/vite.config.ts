import { defineConfig } from "vitest/config";

/** The service that `npm run dev` shows; say another with EDGEPLAN_SERVER. */
const service = process.env["EDGEPLAN_SERVER"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  build: {
    outDir: "dist",
    target: "es2022",
    assetsInlineLimit: 0, // the content security policy allows nothing but files of the service
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { "/v1": service } },
  preview: { proxy: { "/v1": service } },
  test: { environment: "happy-dom", include: ["test/**/*.test.ts"] },
});
