import { defineConfig } from 'vite';

const islands = ['page', 'form', 'viewer', 'modeler'];

export default defineConfig({
  base: '/static/islands/',
  publicDir: false,
  build: {
    outDir: '../static/islands',
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: 'es2022',
    assetsInlineLimit: 0, // the content policy knows no data: fonts
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      input: Object.fromEntries(islands.map(name => [name, `src/islands/${name}.js`]))
    }
  }
});
