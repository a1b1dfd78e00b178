// The app that the server shows at "/"; addresses are relative, so that it also works behind a path of a proxy.
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  build: { outDir: "../src/epochal/server/static", emptyOutDir: true, assetsInlineLimit: 0, modulePreload: false },
  server: { proxy: { "/api": "http://127.0.0.1:8000" } },
});
