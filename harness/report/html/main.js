// SPDX-License-Identifier: GPL-2.0-or-later
// Which part of the report is shown, and the keyboard.

const overview = document.getElementById('overview');
const stage = document.getElementById('stage');
const filter = document.getElementById('filter');
const help = document.getElementById('help');
const rows = [...document.querySelectorAll('table.cells tbody tr')];
const statusButtons = [...document.querySelectorAll('button[data-status]')];
let shown = -1; // index of the cell on stage

function cellOfHash() {
  const match = /^#c(\d+)(?:-|$)/.exec(location.hash);
  const number = match ? Number(match[1]) : 0;
  return number >= 1 && number <= data.cells.length ? number - 1 : -1;
}

function showCell(index) {
  if (shown === index) return;
  shown = index;
  overview.hidden = index >= 0;
  document.body.classList.toggle('on-stage', index >= 0);
  stage.replaceChildren();
  if (index >= 0) stage.append(cellElement(data.cells[index], index + 1));
  document.title = index >= 0 ? `${data.cells[index].scenario} on ${data.cells[index].release || data.cells[index].kernel} – nflab` : 'nflab report';
}

function route() {
  showCell(cellOfHash());
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (!target) {
    scrollTo(0, 0);
    return;
  }
  const packet = target.closest('.packet');
  if (packet) packet.open(true);
  if (target.matches('article')) scrollTo(0, 0);
  else (packet || target).scrollIntoView();
  const focus = packet ? packet.querySelector('button') : target.querySelector('h1');
  if (focus) focus.focus({preventScroll: true});
}

function applyFilter() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const status = statusButtons.filter((button) => button.getAttribute('aria-pressed') === 'true').map((button) => button.dataset.status);
  let left = 0;
  for (const row of rows) {
    const content = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => content.includes(word)) || (status.length > 0 && !status.includes(row.dataset.status));
    left += row.hidden ? 0 : 1;
  }
  document.getElementById('left').textContent = left === rows.length ? '' : `${left} of ${rows.length} shown`;
}

// The next or previous of some elements from where the focus is.
function step(elements, by) {
  if (elements.length === 0) return;
  const at = elements.findIndex((element) => element.contains(document.activeElement));
  const next = at < 0 ? (by > 0 ? 0 : elements.length - 1) : Math.min(elements.length - 1, Math.max(0, at + by));
  const target = elements[next].matches('a, button') ? elements[next] : elements[next].querySelector('a, button');
  target.focus();
  elements[next].scrollIntoView({block: 'nearest'});
}

const visibleRows = () => rows.filter((row) => !row.hidden);

// Cells that the filter leaves, in order.
function goToCell(by, wanted = () => true) {
  const numbers = visibleRows().map((row) => Number(row.dataset.cell)).filter((number) => wanted(data.cells[number - 1]));
  const next = by > 0 ? numbers.find((number) => number > shown + 1) : numbers.reverse().find((number) => number < shown + 1);
  if (next) location.hash = `#c${next}`;
}

const keys = {
  j: () => step(shown < 0 ? visibleRows() : [...stage.querySelectorAll('.packet > h4 > button')], 1),
  k: () => step(shown < 0 ? visibleRows() : [...stage.querySelectorAll('.packet > h4 > button')], -1),
  n: () => goToCell(1),
  p: () => goToCell(-1),
  f: () => goToCell(1, (cell) => cell.status === 'failed' || cell.status === 'error'),
  u: () => { location.hash = ''; },
  '/': () => { showCell(-1); location.hash = ''; filter.focus(); filter.select(); },
  '?': () => help.showModal(),
};
keys.ArrowDown = keys.j;
keys.ArrowUp = keys.k;

addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  if (event.target === filter) {
    if (event.key === 'Escape') { filter.value = ''; applyFilter(); filter.blur(); }
    if (event.key === 'Enter' || event.key === 'ArrowDown') { event.preventDefault(); step(visibleRows(), 1); }
    return;
  }
  // Arrows scroll where there is something to scroll.
  if (event.key.startsWith('Arrow') && event.target.matches('.code, .scroll')) return;
  if (event.key === 'Escape' && shown >= 0) { event.preventDefault(); keys.u(); return; }
  const action = keys[event.key];
  if (action) { event.preventDefault(); action(); }
});

// On paper nothing can be opened: every path is made, and outputs of commands are unfolded meanwhile.
let unfolded = [];
addEventListener('beforeprint', () => {
  for (const packet of document.querySelectorAll('.packet')) {
    const open = packet.classList.contains('open');
    packet.open(true);
    packet.classList.toggle('open', open);
  }
  unfolded = [...document.querySelectorAll('details.command-run:not([open])')];
  for (const details of unfolded) details.open = true;
});
addEventListener('afterprint', () => {
  for (const details of unfolded) details.open = false;
});

filter.addEventListener('input', applyFilter);
for (const button of statusButtons)
  button.addEventListener('click', () => {
    button.setAttribute('aria-pressed', String(button.getAttribute('aria-pressed') !== 'true'));
    applyFilter();
  });
document.getElementById('keys').addEventListener('click', () => help.showModal());
document.documentElement.classList.add('js');
addEventListener('hashchange', route);
applyFilter();
route();
