import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Writes a `.gz` beside each asset that gains by it, so that the server never compresses at run time. */
function compressedAssets(): Plugin {
  return {
    name: "compressed-assets",
    apply: "build",
    // After writing: Vite still changes chunks when other plugins see them for the last time.
    async writeBundle({ dir = "" }, bundle) {
      for (const name of Object.keys(bundle)) {
        const content = await readFile(join(dir, name));
        if (!/\.(js|css|svg|json)$/.test(name) || content.length < 1024) continue;
        await writeFile(join(dir, `${name}.gz`), gzipSync(content, { level: 9 }));
      }
    },
  };
}

/** Lets the browser fetch the app before it has run the script that asks for it. */
function preloadedApp(): Plugin {
  return {
    name: "preloaded-app",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: (_, { bundle = {} }) =>
        Object.values(bundle)
          .filter((file) => file.type === "chunk" && file.name === "app")
          .map(({ fileName }) => ({
            tag: "link",
            attrs: { rel: "modulepreload", crossorigin: true, href: `./${fileName}` },
            injectTo: "head" as const,
          })),
    },
  };
}

const server = process.env.MODELLAB_SERVER ?? "http://127.0.0.1:8000";

export default defineConfig({
  // Relative addresses and a hash router: the page works under any prefix of a proxy.
  base: "./",
  plugins: [react(), preloadedApp(), compressedAssets()],
  build: {
    outDir: "../src/modellab/server/static",
    emptyOutDir: true,
    target: "es2022",
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      output: {
        // What is shared would have the names of all that share it.
        chunkFileNames: ({ name }) => `assets/${name.split("~")[0]}-[hash].js`,
        assetFileNames: ({ names: [name = ""] }) =>
          `assets/${name.replace(/~.*\./, ".").replace(/\.\w+$/, "")}-[hash][extname]`,
        codeSplitting: {
          groups: [
            // What begins to load all else is small, and waits for none of it.
            { name: "pages", test: /preload-helper|src\/app\/pages\.ts$/, priority: 3 },
            { name: "app", test: /src\/app\/start\.tsx$/, priority: 2 },
            // A table's small curves do not bring all of the charts.
            {
              name: "charts",
              test: /node_modules\/uplot|src\/charts\//,
              minShareCount: 2,
              entriesAware: true,
              priority: 2,
            },
            // Few files: each costs a request, and browsers make six at a time.
            {
              name: "shared",
              minShareCount: 2,
              entriesAware: true,
              entriesAwareMergeThreshold: 3_000,
              priority: 1,
            },
          ],
        },
      },
    },
  },
  server: {
    proxy: Object.fromEntries(
      ["/api", "/runs", "/compare", "/health", "/login", "/logout", "/openapi.json"].map((path) => [
        path,
        { target: server, changeOrigin: true, headers: { origin: server } },
      ]),
    ),
  },
});
