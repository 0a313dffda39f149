import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const portal = "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "dist",
    // The portal's content security policy forbids data: URLs, so nothing is inlined.
    assetsInlineLimit: 0,
    // Libraries change less often than pages: browsers keep them over our releases.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "react", test: /node_modules\/(?:react|react-dom|scheduler|@tanstack)\// },
            { name: "mantine", test: /node_modules\/(?:@mantine|@floating-ui)\/.*\.(?:m?js)$/ },
          ],
        },
      },
    },
  },
  server: {
    proxy: { "/api": { target: portal, ws: true } },
  },
});
