// SPDX-License-Identifier: GPL-2.0-or-later
// One packet's path through the hooks, and the rulesets in which its rules are marked.

// Rows of one node, and within them of one hook, in the order in which the packet met them.
function lanesOf(group) {
  const lanes = [];
  group.rows.forEach((number, i) => {
    const row = {...rowOf(number), index: i, after_us: group.after_us[i]};
    let lane = lanes.at(-1);
    if (!lane || lane.node !== row.node || lane.netns !== row.netns)
      lanes.push(lane = {node: row.node, netns: row.netns, hooks: []});
    let hook = lane.hooks.at(-1);
    if (!hook || hook.name !== row.hook) lane.hooks.push(hook = {name: row.hook, rows: []});
    hook.rows.push(row);
  });
  return lanes;
}

function chainButton(row, decides, choose) {
  return el('button', {
    class: decides ? 'chain decides' : 'chain', type: 'button', 'aria-pressed': 'false', 'data-row': row.index,
    title: `seen by ${row.method}; ${microseconds(row.after_us)} after the packet's first at ${row.node}`,
    onclick: () => choose(row.index),
  },
  row.priority !== '' && el('span', {class: 'priority', title: 'priority'}, row.priority),
  el('span', {class: 'place'}, `${row.engine} ${row.place} `),
  el('span', {class: 'decision'}, row.decision),
  row.grounds && el('span', {class: 'rule'}, row.grounds),
  row.after && el('span', {class: 'after'}, row.after));
}

function devices(rows) {
  const {inDevice, outDevice} = rows[0];
  return [inDevice && `in ${inDevice}`, outDevice && `out ${outDevice}`].filter(Boolean).join(', ');
}

function laneElement(lane, group, severalNetns, choose) {
  const hooks = lane.hooks.map((hook) => el('li', {},
    el('p', {class: 'hook-name'}, hook.name || 'no hook', ' ', el('span', {class: 'faint'}, devices(hook.rows))),
    el('ul', {class: 'chains'}, hook.rows.map((row) => el('li', {}, chainButton(row, row.index === group.last, choose))))));
  return el('div', {class: 'lane', 'data-node': lane.node},
    el('header', {}, lane.node, severalNetns && el('span', {class: 'faint'}, ` netns ${lane.netns}`)),
    el('ol', {class: 'hooks'}, hooks));
}

function rulesetTexts(step, mark) {
  const [listing, listedFirst, listedLast, listedWhy, applied, appliedFirst, appliedLast, appliedWhy] = mark;
  const texts = [];
  if (applied >= 0) {
    const [node, engine, content, file, line] = step.cell.applied[applied];
    texts.push(captionedCode(`${text(engine)} at ${text(node)}, as ${text(file)} has it`, text(content),
      appliedFirst > 0 && {first: appliedFirst, last: appliedLast}, line, text(appliedWhy)));
  }
  if (listing >= 0) {
    const [node, engine, content] = step.listings[listing];
    texts.push(captionedCode(`${text(engine)}, as ${text(node)} listed it after the step`, text(content),
      listedFirst > 0 && {first: listedFirst, last: listedLast}, 1, text(listedWhy)));
  }
  return texts;
}

function replyTimes(group) {
  const times = group.packets.map((packet) => packet[1]).filter((time) => time !== null);
  if (times.length === 0) return '';
  const low = Math.min(...times), high = Math.max(...times);
  return low === high ? `answered after ${microseconds(low)}` : `answered after ${microseconds(low)} to ${microseconds(high)}`;
}

function packetBody(step, group) {
  const lanes = lanesOf(group);
  const texts = el('div', {class: 'texts', 'aria-live': 'polite'});
  const path = el('div', {class: 'path'});
  const choose = (index) => {
    for (const chain of path.querySelectorAll('.chain'))
      chain.setAttribute('aria-pressed', String(Number(chain.dataset.row) === index));
    texts.replaceChildren(...rulesetTexts(step, group.marks[index]));
    for (const block of texts.querySelectorAll('.code')) {
      const marked = block.querySelector('.marked');
      if (marked) block.scrollTop = Math.max(0, marked.offsetTop - block.offsetTop - block.clientHeight / 3);
    }
  };
  const several = new Set(lanes.map((lane) => lane.node)).size < new Set(lanes.map((lane) => lane.node + lane.netns)).size;
  lanes.forEach((lane, i) => {
    if (i > 0) path.append(el('div', {class: 'onwards', 'aria-hidden': 'true'}, '↓'));
    path.append(laneElement(lane, group, several, choose));
  });
  const others = group.packets.slice(1).map((packet) => `#${packet[0]}`).join(' ');
  const body = el('div', {class: 'body'},
    text(group.why) && el('p', {class: 'why'}, withCode(text(group.why))),
    group.cause && el('p', {}, `${group.cause[0]} #${group.cause[1]}`),
    (group.doubts || []).map((doubt) => el('p', {class: 'not-marked'}, `not certain: ${text(doubt)}`)),
    group.count > 1 && el('p', {class: 'packets-alike'}, `${plural(group.count - 1, 'more packet')} the same way: ${others}${group.count > group.packets.length ? ' …' : ''}`),
    group.count > 1 && replyTimes(group) && el('p', {class: 'packets-alike'}, replyTimes(group)),
    path, texts);
  const first = group.last >= 0 ? group.last : group.marks.findIndex((mark) => mark[1] > 0 || mark[5] > 0);
  if (first >= 0) body.chooseFirst = () => choose(first);
  return body;
}

// The body is made when it is opened first: most of a large report is never looked at.
function packetElement(step, group, id, open) {
  const heading = el('button', {type: 'button', 'aria-expanded': 'false'},
    el('span', {class: 'what'}, `#${group.packets[0][0]} ${group.reply ? 'reply: ' : ''}${text(group.what)}`),
    group.count > 1 && el('span', {class: 'faint'}, `×${group.count}`),
    el('span', {class: `end ${group.kind}`}, text(group.end)));
  const element = el('div', {class: 'packet', id: `${id}-p${group.packets[0][0]}`}, el('h4', {}, heading));
  for (const [number] of group.packets.slice(1)) element.prepend(el('a', {id: `${id}-p${number}`}));
  element.open = (yes) => {
    if (yes && !element.body) {
      element.append(element.body = packetBody(step, group));
      if (element.body.chooseFirst) element.body.chooseFirst();
    }
    element.classList.toggle('open', yes);
    heading.setAttribute('aria-expanded', String(yes));
  };
  heading.addEventListener('click', () => element.open(!element.classList.contains('open')));
  element.open(open);
  return element;
}
