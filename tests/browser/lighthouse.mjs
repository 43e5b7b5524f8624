// Says how accessible Lighthouse finds pages: a JSON line each with path, score (0..=1) and the audits that failed.
// node lighthouse.mjs FOLDER_OF_PACKAGES HOST:PORT_OF_DEVTOOLS SITE PATH...
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [packages, devtools, site, ...paths] = process.argv.slice(2);
const here = createRequire(`${packages}/`);
const load = name => import(pathToFileURL(here.resolve(name)));
const { snapshot } = await load('lighthouse');
const { default: puppeteer } = await load('puppeteer-core');

const flags = { onlyCategories: ['accessibility'], formFactor: 'desktop', screenEmulation: { disabled: true } };
const browser = await puppeteer.connect({ browserURL: `http://${devtools}`, defaultViewport: null });
const [page] = await browser.pages();
for (const path of paths) {
  await page.goto(site + path);
  const { lhr } = await snapshot(page, { flags });
  const failed = Object.values(lhr.audits).filter(audit => audit.score !== null && audit.score < 1).map(audit => audit.id);
  console.log(JSON.stringify({ path, score: lhr.categories.accessibility.score, failed }));
}
await browser.disconnect();
