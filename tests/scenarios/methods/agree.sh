#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# agree.sh MODULE WITHOUT_BPF, in a guest with the rules of rules.yaml: all methods watch at once, so
# that each packet is seen by all, and must tell the same of it. Then what happens where one cannot
# be used.
set -eu
module=$1
without_bpf=$2
cd /tmp

fail() {
    echo "FAILED: $*"
    exit 1
}

# start NAME COMMAND…
start() {
    rm -f "$1.requests"
    mkfifo "$1.requests"
    (
        exec 3<> "$1.requests"
        exec "${@:2}" --json --netns $$ < "$1.requests" > "$1" 2> "$1.errors"
    ) &
    process=$!
    for _ in $(seq 300); do
        grep -q '"ready"' "$1" && return
        kill -0 $process || break
        sleep 0.1
    done
    cat "$1" "$1.errors"
    fail "$1 is not ready"
}
# Everything that the kernel has seen is written when the answer comes.
settle() {
    timeout 5 bash -c "echo sync 1 > $1.requests" || fail "$1 has ended"
    for _ in $(seq 200); do
        grep -q '"sync","value":1}' "$1" && return
        sleep 0.1
    done
    fail "$1 does not answer"
}
udp() { for port in "${@:2}"; do (echo x > "/dev/udp/$1/$port") 2> /dev/null || true; done; }
left_behind() {
    grep nfverdict_ /sys/kernel/tracing/kprobe_events
    find /sys/kernel/tracing/instances -maxdepth 1 -name 'nfverdict_*' | grep .
}

start site nfverdict trace --method site
start kprobe-events nfverdict trace --method kprobe-events
events=$process
methods="site kprobe-events kretprobe"
whole="kretprobe"
if [ -e /sys/kernel/btf/nf_tables ]; then
    start fexit nfverdict trace --method fexit
    methods+=" fexit"
    whole+=" fexit"
elif nfverdict check --method fexit > refused 2>&1; then
    fail "fexit without type information of the module"
else
    grep "has no type information on nft_do_chain" refused || fail "fexit is refused without the reason"
fi
start kretprobe nfverdict trace --method kretprobe --module "$module"
for method in $methods; do
    grep -q '"self_test":"passed"' "$method" || { head -3 "$method"; fail "$method is not proven"; }
done

for address in 127.0.0.1 ::1; do
    udp $address 8080 8081 8082 8083 8084 8085 8086 8087 22 80 1500 1600 1700 1800 1900 1901 1902 99
done
ip netns exec a bash -c 'for port in 2000 2001 2002 {2100..2106}; do echo x > /dev/udp/10.2.0.1/$port; done'
# A packet socket leaves all headers in a page when more than that is sent behind a virtio_net_hdr
# (SOL_PACKET, PACKET_VNET_HDR): a datagram of 5000 bytes to port 2001.
ip link set va mtu 9000
ip -n a link set eth0 mtu 9000
{
    printf '\0%.0s' {1..10}
    printf '\2\0\0\0\0\x0b\2\0\0\0\0\x0a\x08\0'
    printf '\x45\0\x13\x88\0\7\0\0\x40\x11\0\0\x0a\2\0\2\x0a\2\0\3\x10\xe1\x07\xd1\x13\x74\0\0'
    head -c 4972 /dev/zero
} > frame
ip netns exec a socat -u -b 8192 OPEN:frame INTERFACE:eth0,setsockopt-int=263:15:1
udp 10.2.0.7 9
udp 10.2.0.8 9
udp 10.2.0.9 9
nft add rule inet t base udp dport 98 drop
udp 127.0.0.1 98
for method in $methods; do settle "$method"; done

# Of the datagrams, the errors about them and the ARP requests for 10.2.0.7 to .9; a kernel also sends
# things by itself. The long one is not the same to all.
wanted() {
    grep '"type":"verdict"' "$1" | grep -v '"length":5000,' |
        grep -E '"packet":\{[^}]*("destination_port":|"destination":"10\.2\.0\.[789]",.*"ethertype")'
}
# All that a record says, but when and how it was seen.
records() { wanted "$1" | sed -E 's/"time_ns":[0-9]+,//; s/,"method":"[^"]*"//' | sort; }
# words FILE METHOD [rule|inferred]: what METHOD can say that sees whole tables, and the rule. A reject
# drops; the module knows nothing of arptables and ebtables.
words() {
    local by=$2 unknown="none"
    [ "$by" != kretprobe ] || unknown="none|arptables|ebtables"
    wanted "$1" | grep -vE "\"engine\":\"($unknown)\"" | gawk -v rule="${3:-}" '
        function value(name) {
            if (!match($0, "\"" name "\":(\"[^\"]*\"|[0-9]+)", part)) return "-"
            return part[1]
        }
        {
            verdict = value("verdict")
            if (verdict == "\"reject\"") verdict = "\"drop\""
            line = value("skb") " " value("source_port") " " value("destination_port") " " \
                value("hook") " " value("engine") " " value("table") " " value("base_chain") " " verdict
            if (rule == "inferred" && !/"basis":"inferred"/) next
            if (rule) line = line " " value("chain") " " value("rule_kind") " " value("rule")
            print line
        }' | sort
}

records site > site.records
records kprobe-events > kprobe-events.records
echo "$(wc -l < site.records) records"
[ "$(wc -l < site.records)" -ge 250 ] || fail "too few records"
diff site.records kprobe-events.records || fail "kprobe events differ from the probe sites"
# What must be among them: an engine, and words of a record.
seen() { grep "\"engine\":\"$1\"" kprobe-events.records | grep -q "$2" || fail "no $1 record with $2"; }
seen none '"destination_port":8086.*"stage":"socket"'
seen none '"destination_port":1902.*"stage":"queue"'
if [ -e /sys/module/arptable_filter ]; then
    seen arptables '10.2.0.7.*"rule":1,.*"verdict":"drop"'
    seen arptables '10.2.0.8.*"chain":"beyond".*"verdict":"drop".*"jump_path":\["OUTPUT"\]'
    seen arptables '10.2.0.9.*"verdict":"drop","target":"mangle"'
fi
if [ -e /sys/module/ebtable_filter ]; then
    seen ebtables '"destination_port":2100.*"verdict":"drop"'
    seen ebtables '"destination_port":2101.*"chain":"mine".*"verdict":"accept"'
    seen ebtables '"destination_port":2102.*"verdict":"drop","target":"mark"'
    seen ebtables '"destination_port":2103.*"rule_kind":"policy".*"verdict":"drop"'
    seen ebtables '"destination_port":2105.*"verdict":"drop","target":"redirect"'
    seen ebtables '"destination_port":2106.*"verdict":"stolen"'
    # It is routed, and nobody listens.
    seen none '"destination_port":2106.*"stage":"socket"'
fi
grep '"length":5000,' site | grep '"verdict":"drop"' | grep -q '"destination_port":2001,' || fail "a page was not read"
grep '"length":5000,' kprobe-events | grep '"verdict":"drop"' | grep -q '"unread":true' ||
    fail "headers that cannot be read are not said to be missing"
for method in $whole; do
    words site $method > site.words
    words $method $method > $method.words
    diff site.words $method.words || fail "$method differs from the probe sites"
done
if [ -e fexit ]; then
    words site fexit rule > site.rules
    words fexit fexit inferred > fexit.rules
    echo "$(wc -l < fexit.rules) rules inferred"
    [ ! -e /sys/module/ebtable_filter ] || grep -q '"ebtables"' fexit.rules || fail "no rule of ebtables was inferred"
    [ -s fexit.rules ] || fail "no rule was inferred"
    wrong=$(comm -13 site.rules fexit.rules)
    [ -z "$wrong" ] || { echo "$wrong"; fail "an inferred rule is wrong"; }
fi
for method in $methods; do
    # Kernels before 5.14 count an address that one probe cannot read as a miss of all probes there.
    case $method in
    site | kretprobe) grep -q "counts each address that cannot be read" kprobe-events && continue ;;
    esac
    grep '"type":"lost"' "$method" && fail "$method lost events"
done
# A reader for each is enough: the kretprobe module may be used by one at a time.
kill %+

echo "killed, kprobe events stay, and go with the next start"
kill -9 "$events"
wait "$events" || true
left_behind > /dev/null || fail "nothing was left behind, so nothing can be removed"

echo "without BPF"
start fallback "$without_bpf" nfverdict trace
grep -o '"BPF cannot be used, falling back to kprobe events[^"]*"' fallback || fail "no notice"
grep '"type":"ready"' fallback | grep -q '"engine":"nft","method":"kprobe-events"' || fail "another method"
udp 127.0.0.1 1901 8080
settle fallback
grep '"destination_port":1901,' fallback | grep '"rule_text":"udp dport 1901 drop"' | grep -q '"method":"kprobe-events"' || fail "no rule"
grep '"destination_port":8080,' fallback | grep -q '"base_chain":"INPUT","chain":"INPUT","rule_kind":"rule","rule":1,' || fail "no entry"
kill "$process"
wait "$process" || fail "it did not end by itself"
left_behind && fail "something was left behind"

echo "with neither BPF nor type information"
[ ! -e /sys/module/nflab_kretprobe ] || fail "the kretprobe module is still there"
hidden='mount -t tmpfs none /sys/kernel/btf && [ ! -e /sys/kernel/btf/vmlinux ] && exec "$@"'
start last unshare --mount bash -c "$hidden" hidden "$without_bpf" nfverdict trace --module "$module"
grep -o '"falling back to the kretprobe module, which sees whole tables but not their rules: [^"]*"' last || fail "no notice"
grep '"type":"ready"' last | grep -q '"method":"kretprobe".*"self_test":"passed"' || fail "it is not proven"
udp 127.0.0.1 1901 8080
settle last
grep '"destination_port":1901,' last | grep '"table":"t","base_chain":"base",.*"verdict":"drop"' |
    grep -q '"method":"kretprobe"' || fail "no verdict of nftables"
grep '"destination_port":8080,' last | grep -q '"table":"filter","base_chain":"INPUT",.*"verdict":"drop"' ||
    fail "no verdict of iptables"
kill "$process"
wait "$process" || fail "it did not end by itself"

if [ -e fexit ]; then
    echo "without kprobes"
    echo 0 > /sys/kernel/debug/kprobes/enabled
    nfverdict check > check 2>&1 || true
    echo 1 > /sys/kernel/debug/kprobes/enabled
    grep -q "falling back to fexit for nftables" check || fail "no notice"
    grep -A 2 "^nft  *method fexit" check | grep "self-test passed" || { cat check; fail "no fexit"; }
    grep -A 2 "^iptables  *method fexit" check | grep "self-test passed" || { cat check; fail "no fexit"; }
fi
echo "all agree"
