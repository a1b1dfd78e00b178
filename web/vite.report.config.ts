// The report bundle: one classic script and one stylesheet that `epochal graph` puts into an offline HTML file.
import { defineConfig } from "vite";

export default defineConfig({
  define: { "process.env.NODE_ENV": JSON.stringify("production") },
  build: {
    outDir: "../src/epochal/graphs/static",
    emptyOutDir: true,
    copyPublicDir: false,
    cssCodeSplit: false,
    lib: {
      entry: "src/report/main.tsx",
      formats: ["iife"],
      name: "epochalReport",
      fileName: () => "report.js",
      cssFileName: "report",
    },
  },
});
