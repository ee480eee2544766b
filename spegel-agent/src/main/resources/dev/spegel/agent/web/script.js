// Keeps the page up to date: asks for each part again, and puts it in place. Without it the page is complete, and stands still.
'use strict';

(() => {
  const regions = [...document.querySelectorAll('[data-live]')];
  const waited = new Map(regions.map((region) => [region, 0]));
  const live = document.getElementById('live');
  const state = document.createElement('span');
  const button = document.createElement('button');
  let paused = false;
  let failures = 0;

  function tell() {
    state.textContent = paused ? 'Paused' : failures > 0 ? 'The agent doesn’t answer; trying again' : 'Live';
    button.textContent = paused ? 'Go on' : 'Pause';
  }

  function isInUse(region) {
    const selection = document.getSelection();
    const selected = selection !== null && !selection.isCollapsed && region.contains(selection.anchorNode);
    return selected || region.querySelector(':focus-visible:not(.scroll)') !== null;
  }

  function replace(region, html) {
    const open = [...region.querySelectorAll('details[open]')].map((details) => details.id);
    const scrolled = [...region.querySelectorAll('.scroll')].map((scroller) => scroller.scrollLeft);
    const focused = [...region.querySelectorAll('.scroll')].indexOf(document.activeElement);
    const fresh = new DOMParser().parseFromString(html, 'text/html');
    region.replaceChildren(...fresh.body.childNodes);
    for (const id of open) {
      const details = document.getElementById(id);
      if (details !== null) details.open = true;
    }
    [...region.querySelectorAll('.scroll')].forEach((scroller, index) => {
      scroller.scrollLeft = scrolled[index] ?? 0;
      if (index === focused) scroller.focus({preventScroll: true});
    });
  }

  async function refresh(region) {
    const response = await fetch(region.dataset.live, {cache: 'no-store', signal: AbortSignal.timeout(10000)});
    if (!response.ok) throw new Error(`status ${response.status}`);
    const html = await response.text();
    if (!isInUse(region)) replace(region, html);
  }

  async function tick() {
    if (!paused && !document.hidden) {
      try {
        for (const region of regions) {
          waited.set(region, waited.get(region) + 1);
          if (waited.get(region) < Number(region.dataset.every)) continue;
          waited.set(region, 0);
          await refresh(region);
        }
        failures = 0;
      } catch (e) {
        failures++;
      }
      tell();
    }
    // One after the other: a slow agent is asked less often, and one that is gone still less.
    setTimeout(tick, Math.min(1000 * (1 + failures), 15000));
  }

  button.type = 'button';
  button.addEventListener('click', () => {
    paused = !paused;
    tell();
  });
  live.append(state, ' ', button);
  tell();
  setTimeout(tick, 1000);
})();
