// SPDX-License-Identifier: GPL-2.0-or-later
// Texts with numbered lines, some of them marked.

const linesAround = 12;

function codeLine(content, number, marked) {
  return el('span', {class: marked ? 'l marked' : 'l', 'data-n': number}, content === '' ? ' ' : content);
}

// `mark`: {first, last} in lines of the text, or nothing; `from`: the number of its first line. Of a long
// text only what is around the mark, until asked for the rest.
function codeBlock(content, mark, from = 1, label = 'text') {
  const lines = content.replace(/\n$/, '').split('\n');
  const block = el('pre', {class: 'code', tabindex: 0, role: 'region', 'aria-label': label});
  const show = (first, last) => {
    block.replaceChildren();
    const rest = (count, where) => el('button', {class: 'more no-print', type: 'button', onclick: () => show(1, lines.length)},
      `${plural(count, 'line')} ${where}`);
    if (first > 1) block.append(rest(first - 1, 'before'));
    for (let i = first; i <= last; ++i)
      block.append(codeLine(lines[i - 1], from + i - 1, mark && i >= mark.first && i <= mark.last));
    if (last < lines.length) block.append(rest(lines.length - last, 'after'));
  };
  if (lines.length <= 4 * linesAround) show(1, lines.length);
  else if (mark) show(Math.max(1, mark.first - linesAround), Math.min(lines.length, mark.last + linesAround));
  else show(1, 2 * linesAround);
  return block;
}

function captionedCode(caption, content, mark, from, whyNot) {
  return el('figure', {class: 'text'},
    el('figcaption', {}, caption),
    whyNot && el('p', {class: 'not-marked'}, `No line is marked: ${whyNot}.`),
    codeBlock(content, mark, from, caption));
}

// gzip as base64, see harness/report/compressed.hpp.
async function inflate(packed) {
  const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).text();
}
