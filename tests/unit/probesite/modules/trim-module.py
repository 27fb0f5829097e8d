#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""trim-module.py MODULE.ko OUT.ko.xz FUNCTION...

Writes an ELF file with only what the probe-site tests read of a kernel module: the bytes and
relocations of the named functions (and their .cold parts) at their true offsets, the jump table,
the build-id and the symbols that these name. All other code is zeroed.
"""
import lzma
import struct
import sys

SHT_PROGBITS, SHT_SYMTAB, SHT_STRTAB, SHT_RELA, SHT_NOTE = 1, 2, 3, 4, 7
STT_FUNC, STT_SECTION = 2, 3
HEADER, SECTION, SYMBOL, RELA = "<16sHHIQQQIHHHHHH", "<IIQQQQIIQQ", "<IBBHQQ", "<QQq"


class Strings:
    def __init__(self):
        self.data = b"\0"

    def add(self, text):
        if not text:
            return 0
        at = len(self.data)
        self.data += text + b"\0"
        return at


def cstring(data, at):
    return data[at : data.index(b"\0", at)]


def main(source, target, functions):
    image = open(source, "rb").read()
    head = struct.unpack_from(HEADER, image)
    raw = [struct.unpack_from(SECTION, image, head[6] + i * 64) for i in range(head[12])]
    content = [image[s[4] : s[4] + s[5]] if s[1] != 8 else b"" for s in raw]
    names = [cstring(content[head[13]], s[0]).decode() for s in raw]
    table = next(i for i, s in enumerate(raw) if s[1] == SHT_SYMTAB)
    strings = content[raw[table][6]]
    symbols = list(struct.iter_unpack(SYMBOL, content[table]))
    symbol_names = [cstring(strings, s[0]).decode() for s in symbols]

    wanted = {f + tail for f in functions for tail in ("", ".cold")}
    ranges = {}
    for name, symbol in zip(symbol_names, symbols):
        if name in wanted and symbol[1] & 15 == STT_FUNC:
            ranges.setdefault(symbol[3], []).append((symbol[4], symbol[4] + symbol[5]))
    if not ranges:
        sys.exit(f"{source}: no function {functions[0]}")

    def kept(section, offset):
        return any(a <= offset < b for a, b in ranges[section]) if section in ranges else True

    keep = [i for i, n in enumerate(names)
            if i in ranges or n in ("__jump_table", ".note.gnu.build-id")]
    relocations = {}
    for i, section in enumerate(raw):
        if section[1] == SHT_RELA and section[7] in keep:
            relocations[section[7]] = [r for r in struct.iter_unpack(RELA, content[i])
                                       if kept(section[7], r[0])]
    used = {r[1] >> 32 for rs in relocations.values() for r in rs}
    used |= {i for i, (n, s) in enumerate(zip(symbol_names, symbols))
             if s[1] & 15 == STT_FUNC and s[3] in ranges
             and (n in wanted or n.startswith("__nft_trace_"))}

    number = {old: new for new, old in enumerate(keep, 1)}
    # A symbol of a section that is dropped becomes one of an empty stand-in at the end.
    stand_in = len(keep) + 1
    symbol_strings, section_strings = Strings(), Strings()
    order = sorted(used - {0}, key=lambda i: (symbols[i][1] >> 4 != 0, i))
    symbol_number = {0: 0} | {old: new for new, old in enumerate(order, 1)}
    symbol_data = bytes(24)
    for old in order:
        name, info, other, section, value, size = symbols[old]
        if 0 < section < 0xFF00:
            section = number.get(section, stand_in)
        symbol_data += struct.pack(SYMBOL, symbol_strings.add(symbol_names[old].encode()), info,
                                   other, section, value, size)
    out = []  # (name, type, flags, link, info, align, entry size, data)
    for old in keep:
        data = bytearray(content[old])
        if old in ranges:
            blank = bytearray(len(data))
            for a, b in ranges[old]:
                blank[a:b] = data[a:b]
            data = blank
        out.append((names[old], raw[old][1], raw[old][2], 0, 0, raw[old][8], 0, bytes(data)))
    out.append((".left_out", SHT_PROGBITS, 0, 0, 0, 1, 0, b""))
    symtab = len(out) + len(relocations) + 1
    for old, entries in relocations.items():
        data = b"".join(struct.pack(RELA, at, symbol_number[info >> 32] << 32 | info & 0xFFFFFFFF,
                                    addend) for at, info, addend in entries)
        out.append((".rela" + names[old], SHT_RELA, 0, symtab, number[old], 8, 24, data))
    first_global = 1 + sum(1 for i in order if symbols[i][1] >> 4 == 0)
    out.append((".symtab", SHT_SYMTAB, 0, symtab + 1, first_global, 8, 24, symbol_data))
    out.append((".strtab", SHT_STRTAB, 0, 0, 0, 1, 0, symbol_strings.data))
    name_at = [section_strings.add(s[0].encode()) for s in out]
    name_at.append(section_strings.add(b".shstrtab"))
    out.append((".shstrtab", SHT_STRTAB, 0, 0, 0, 1, 0, section_strings.data))

    body, sections = bytes(64), bytes(64)
    for at, (_, kind, flags, link, info, align, entry, data) in zip(name_at, out):
        body += bytes(-len(body) % 16)
        sections += struct.pack(SECTION, at, kind, flags, 0, len(body), len(data), link, info,
                                align, entry)
        body += data
    body += bytes(-len(body) % 16)
    new_head = list(head)
    new_head[6], new_head[12], new_head[13] = len(body), len(out) + 1, len(out)
    body = struct.pack(HEADER, *new_head) + body[64:] + sections
    with open(target, "wb") as file:
        file.write(lzma.compress(body, preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
