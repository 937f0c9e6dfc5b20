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

const server = process.env.MODELLAB_SERVER ?? "http://127.0.0.1:8000";

export default defineConfig({
  // Relative addresses and a hash router: the page works under any prefix of a proxy.
  base: "./",
  plugins: [react(), compressedAssets()],
  build: {
    outDir: "../src/modellab/server/static",
    emptyOutDir: true,
    target: "es2022",
    chunkSizeWarningLimit: 700,
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
