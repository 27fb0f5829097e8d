// SPDX-License-Identifier: GPL-2.0-or-later
// One cell: what was expected, what was seen, and everything about how it was found.

function facts(cell) {
  const pairs = [
    ['Kernel', [cell.release || cell.kernel, text(cell.package) && ` (${text(cell.package)})`]],
    ['Boot', [`${cell.boot} under ${cell.accelerator || 'no accelerator yet'}`, text(cell.accelerator_reason) && `: ${text(cell.accelerator_reason)}`]],
    ['Differs from the distribution', cell.alterations.length > 0 && cell.alterations.map(text).join('; ')],
    ['Command line', text(cell.command_line) && el('code', {}, text(cell.command_line))],
    ['Began', cell.began],
    ['Scenario', el('code', {}, cell.file)],
  ];
  return el('dl', {class: 'facts'}, pairs.filter((pair) => pair[1]).map(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]));
}

function reproduction(cell) {
  if (!cell.reproduce) return [];
  const copy = el('button', {type: 'button', class: 'no-print', onclick: async () => {
    try {
      await navigator.clipboard.writeText(cell.reproduce);
      copy.textContent = 'copied';
    } catch {
      copy.textContent = 'this browser forbids it';
    }
  }}, 'copy');
  return [el('h3', {}, 'To repeat it'), el('div', {class: 'command'}, el('code', {}, cell.reproduce), navigator.clipboard && copy)];
}

function timings(cell) {
  const total = cell.phases.reduce((sum, phase) => sum + phase[1], 0);
  const bar = el('div', {class: 'bar', 'aria-hidden': 'true'});
  for (const [, duration] of cell.phases) {
    const part = el('span');
    part.style.width = `${total > 0 ? 100 * duration / total : 0}%`;
    bar.append(part);
  }
  return [el('h3', {}, `Time: ${seconds(total)}`), bar,
    el('p', {class: 'faint'}, cell.phases.map(([phase, duration]) => `${text(phase)} ${seconds(duration)}`).join(' · '))];
}

function observations(cell) {
  if (cell.observations.length === 0) return [];
  return [el('h3', {}, 'How it was observed'), el('table', {class: 'plain'},
    el('thead', {}, el('tr', {}, ['Node', 'Records', 'Lost', 'Method', 'Notes'].map((name) => el('th', {scope: 'col'}, name)))),
    el('tbody', {}, cell.observations.map(([node, method, records, lost, notices]) => el('tr', {},
      el('td', {}, text(node)), el('td', {}, String(records)), el('td', {}, lost > 0 ? el('strong', {}, String(lost)) : '0'),
      el('td', {}, text(method)), el('td', {}, notices.map(text).join('; '))))))];
}

function consoles(cell) {
  return cell.consoles.map(([node, packed, leftOut, size]) => {
    const place = el('div', {}, el('p', {class: 'faint'}, 'unpacking …'));
    const details = el('details', {class: 'console'},
      el('summary', {}, `Console of ${text(node)} (${(size / 1024).toFixed(1)} KiB${leftOut > 0 ? `; ${(leftOut / 1024).toFixed(0)} KiB before it left out` : ''})`), place);
    details.addEventListener('toggle', async () => {
      if (!details.open || details.done) return;
      details.done = true;
      try {
        place.replaceChildren(codeBlock(await inflate(text(packed)), undefined, 1, `console of ${text(node)}`));
      } catch (error) {
        place.replaceChildren(el('p', {}, `This browser cannot unpack it: ${error.message}`));
      }
    });
    return details;
  });
}

function checkItem(check, id) {
  const [expectation, line, passed, expected, seen, packets] = check;
  const links = packets.slice(0, 8).map((number) => [' ', el('a', {href: `#${id}-p${number}`}, `#${number}`)]);
  if (passed)
    return el('li', {class: 'ok', title: `${text(expectation)} (line ${line})`}, text(expected), links);
  return el('li', {class: 'no'}, el('strong', {}, text(expected)), el('br'), 'seen: ', text(seen), links, el('br'),
    el('code', {class: 'faint'}, `line ${line}: ${text(expectation)}`));
}

function commandElement([node, command, code, signal, timedOut, out, err]) {
  const end = timedOut ? 'did not end in time' : signal ? `killed by signal ${signal}` : `exit code ${code}`;
  const output = text(out) + text(err);
  return el('details', {class: 'command-run'}, el('summary', {}, el('code', {}, `${text(node)}$ ${text(command)}`), ' ', el('span', {class: 'faint'}, end)),
    output && codeBlock(output, undefined, 1, 'output'));
}

function capturesTable(step) {
  if (step.captures.length === 0) return [];
  return [el('h3', {}, 'Captures'), el('table', {class: 'plain'}, el('tbody', {}, step.captures.map(([name, node, nic, filter, packets, dropped, file]) => el('tr', {},
    el('td', {}, file ? el('a', {href: file, download: true}, text(name)) : text(name)),
    el('td', {}, `${text(node)} ${text(nic)}`), el('td', {}, el('code', {}, text(filter))),
    el('td', {}, plural(packets, 'packet') + (dropped > 0 ? `, ${dropped} lost` : ''))))))];
}

// What a reader looks for: the packets that a failed expectation names, else those that were dropped.
function opened(step) {
  const named = new Set(step.checks.filter((check) => !check[2]).flatMap((check) => check[5]));
  const wanted = step.groups.filter((group) => group.packets.some(([number]) => named.has(number)));
  if (wanted.length > 0) return new Set(wanted.slice(0, 3));
  const dropped = step.groups.filter((group) => group.kind === 'dropped');
  return new Set(dropped.length > 0 ? dropped.slice(0, 1) : step.groups.slice(0, 1));
}

function stepSection(step, number, id) {
  const open = opened(step);
  return el('section', {class: 'step', id, 'aria-labelledby': `${id}-title`},
    el('h2', {id: `${id}-title`}, `Step ${number}: ${step.name} `, statusWord(step.passed ? 'passed' : 'failed'), el('span', {class: 'faint'}, ` ${seconds(step.ms)}`)),
    el('ul', {class: 'checks'}, step.checks.map((check) => checkItem(check, id))),
    step.commands.map(commandElement),
    step.groups.length > 0 && el('h3', {}, 'Packets'),
    step.groups.map((group) => packetElement(step, group, id, open.has(group))),
    step.unseen.map(([line, times]) => el('p', {class: 'faint'}, text(line) + (times > 1 ? ` (${times}×)` : ''))),
    step.noise > 0 && el('p', {class: 'faint'}, `${plural(step.noise, 'packet')} of neighbour discovery and multicast not shown`),
    capturesTable(step));
}

function cellElement(cell, number) {
  const id = `c${number}`;
  for (const step of cell.steps) step.cell = cell;
  const topology = el('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'topology'});
  topology.innerHTML = text(cell.topology);
  return el('article', {id, class: 'cell', 'aria-labelledby': `${id}-title`},
    el('p', {class: 'no-print'}, el('a', {href: '#'}, '← all cells')),
    el('h1', {id: `${id}-title`, tabindex: -1}, cell.scenario, ' ', el('span', {class: 'faint'}, `on ${cell.release || cell.kernel}`)),
    el('p', {}, statusWord(cell.status), cell.lost > 0 && ` ${plural(cell.lost, 'event')} lost: what was seen is not complete`),
    cell.reason && el('div', {class: cell.status === 'error' ? 'panel wrong' : 'panel'}, el('p', {}, cell.reason), cell.hint && el('p', {class: 'faint'}, `hint: ${cell.hint}`)),
    cell.steps.length > 1 && el('nav', {class: 'steps no-print', 'aria-label': 'steps'}, cell.steps.map((step, i) => el('a', {href: `#${id}-s${i + 1}`}, `${i + 1} ${step.name}`))),
    text(cell.topology) && topology,
    cell.steps.map((step, i) => stepSection(step, i + 1, `${id}-s${i + 1}`)),
    el('section', {class: 'step'}, el('h2', {}, 'About this run'), reproduction(cell), facts(cell), timings(cell), observations(cell),
      cell.consoles.length > 0 && el('h3', {}, 'Consoles'), consoles(cell),
      text(cell.text) && [el('h3', {}, 'Scenario'), el('details', {}, el('summary', {}, cell.file), codeBlock(text(cell.text), undefined, 1, cell.file))]));
}
