// The SDK in a bundle, on pages of another origin: as it is, and built with the fetch mode of its version 0.12.3.
import {readFile} from 'node:fs/promises';
import {build} from 'esbuild';
import {browser} from './browser.mjs';
import {serve} from './driver.mjs';

const OF_0_12_3 = {
  name: 'fetch mode of 0.12.3',
  setup({onLoad}) {
    onLoad({filter: /network.NetRequest\.js$/}, async ({path}) => {
      const text = await readFile(path, 'utf8');
      const patched = text.replace(/mode: 'cors'/, "mode: 'no-cors'");
      if (patched === text) throw new Error('the fetch mode is not where it was');
      return {contents: patched};
    });
  },
};
const common = {entryPoints: ['page.js'], bundle: true, format: 'iife', define: {'process.env.NODE_ENV': '"production"', global: 'globalThis'}};
await build({...common, outfile: 'bundle.js', logLevel: 'error'});
await build({...common, outfile: 'bundle_0_12_3.js', logLevel: 'error', plugins: [OF_0_12_3]});

const page = (bundle, title) => `<!doctype html><title>${title}</title><script src="${bundle}"></script>
<body style="height: 4000px"><h1>${title}</h1>
<a id="out" class="link big" href="https://partner.example/offer">partner</a></body>`;
const {calls, end} = await browser(
  {'/': page('/bundle.js', 'Shop'), '/old': page('/bundle_0_12_3.js', 'Old shop')},
  {'/bundle.js': 'bundle.js', '/bundle_0_12_3.js': 'bundle_0_12_3.js'},
);

serve({
  ...calls,
  // A link that is clicked must not leave the page.
  init: (configuration) => calls.evaluate(`Clickstream.init(${JSON.stringify(configuration)});
    document.querySelectorAll('a').forEach((link) => link.addEventListener('click', (event) => event.preventDefault())); true`),
  record: (event) => calls.evaluate(`Clickstream.record(${JSON.stringify(event)})`),
  // Events the SDK keeps in localStorage: of batches not yet sent, and failed ones.
  kept: () => calls.evaluate(`['eventsKey', 'failedEventsKey'].map((key) => localStorage.getItem('aws-solution/clickstream-web/' + key))
    .filter(Boolean).map((text) => JSON.parse(text + ']').length).reduce((a, b) => a + b, 0)`),
}, end);
