// SPDX-License-Identifier: GPL-2.0-or-later
// Elements, and the report's data.

const data = JSON.parse(document.getElementById('data').textContent);
const text = (number) => data.texts[number];

// el('p', {class: 'why'}, 'words', otherElement): words are never markup.
function el(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : value);
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity))
    if (child !== undefined && child !== null && child !== false && child !== '') element.append(child);
}

// Sentences quote commands in backquotes.
const withCode = (sentence) => sentence.split('`').map((part, i) => i % 2 ? el('code', {}, part) : part);

const plural = (count, word) => `${count} ${word}${count === 1 ? '' : 's'}`;

function seconds(milliseconds) {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}

function microseconds(value) {
  return value < 1000 ? `${value} µs` : `${(value / 1000).toFixed(1)} ms`;
}

const statusWord = (status) => el('span', {class: `status ${status}`}, status);

// A row of a packet's path (harness/report/page_data.cpp, PageData::row).
function rowOf(number) {
  const [node, netns, hook, priority, engine, place, decision, grounds, after, verdict, inDevice, outDevice, method] =
    data.rows[number].map(text);
  return {node, netns, hook, priority, engine, place, decision, grounds, after, verdict, inDevice, outDevice, method};
}
