import { defineConfig } from "vite";

// One ES module for the front to serve, under a name that never changes. Not Vite's library mode, which
// leaves ES modules half minified.
export default defineConfig({
  build: {
    target: "es2022",
    outDir: process.env.WIDGET_OUT ?? "../bot/front/static",
    emptyOutDir: false,
    copyPublicDir: false,
    modulePreload: false,
    rolldownOptions: {
      input: "src/main.ts",
      output: { format: "es", entryFileNames: "widget.js" },
    },
  },
});
