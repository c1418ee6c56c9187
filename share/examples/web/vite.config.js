// SPDX-License-Identifier: GPL-3.0-or-later
// vite.config.js - how the page is built; its own server is server.mjs

import { defineConfig } from "vite";

export default defineConfig({
	oxc: { jsx: { runtime: "automatic" } },
	build: { chunkSizeWarningLimit: 2000 },
});
