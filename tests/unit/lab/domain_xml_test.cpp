// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/domain_xml.hpp"
#include "tests/catch.hpp"
#include "tests/unit/lab/example_plan.hpp"

using namespace nflab;

namespace {

const lab::DomainFiles files{"/usr/bin/qemu-system-x86_64",
                             "/run/nflab/agents/1.sock",
                             "/run/nflab/consoles/router.log",
                             {"n1i0", "n1i1"}};

bool has(const std::string& xml, const std::string& part) {
    return xml.find(part) != std::string::npos;
}

std::size_t count(const std::string& xml, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = 0; (at = xml.find(part, at)) != std::string::npos; at += part.size())
        ++found;
    return found;
}

} // namespace

TEST_CASE("a vm node becomes a small i440FX domain") {
    const plan::Plan plan = example_plan();
    const std::string xml = lab::domain_xml(plan, plan.nodes[1], files);
    CHECK(has(xml, "<domain type='qemu'>"));
    CHECK(has(xml, "<name>router</name>"));
    CHECK(has(xml, "<memory unit='MiB'>192</memory>"));
    CHECK(has(xml, "machine='pc'>hvm<"));
    CHECK(has(xml, "<kernel>/cache/vmlinux</kernel>"));
    CHECK(has(xml, "<cmdline>panic=-1 console=ttyS0</cmdline>"));
    CHECK_FALSE(has(xml, "<acpi/>"));
    CHECK(has(xml, "<apic/><tcg><tb-cache unit='MiB'>48</tb-cache></tcg></features>"));
    CHECK(has(xml, "<on_reboot>destroy</on_reboot>"));
    CHECK(count(xml, "<disk ") == 2);
    CHECK(count(xml, "<readonly/>") == 2);
    CHECK(count(xml, "<interface type='ethernet'>") == 2);
    CHECK(has(xml, "<mac address='52:54:00:00:02:02'/>\n      <target dev='n1i1' managed='no'/>"));
    CHECK(has(xml, "<target type='virtio' name='org.nflab.agent'/>"));
    CHECK(has(xml, "<source path='/run/nflab/consoles/router.log' append='on'/>"));
    CHECK(has(xml, "<controller type='usb' model='none'/>"));
    CHECK(has(xml, "<memballoon model='none'/>"));
}

TEST_CASE("KVM, ACPI and missing images change the domain") {
    plan::Plan plan = example_plan();
    plan.accelerator = plan::Accelerator::kvm;
    plan.boot.acpi = true;
    plan.boot.modules_image.clear();
    const std::string xml = lab::domain_xml(plan, plan.nodes[1], files);
    CHECK(has(xml, "<domain type='kvm'>"));
    CHECK(has(xml, "<cpu mode='host-passthrough'"));
    CHECK(has(xml, "<acpi/>"));
    CHECK_FALSE(has(xml, "<tcg>"));
    CHECK(count(xml, "<disk ") == 1);
}

TEST_CASE("text from users cannot leave its element") {
    plan::Plan plan = example_plan();
    plan.boot.command_line = "a='1' <b> & \"c\"";
    plan.boot.kernel = "/home/o'hara/<vmlinux>";
    const std::string xml = lab::domain_xml(plan, plan.nodes[1], files);
    CHECK(has(xml, "<cmdline>a=&apos;1&apos; &lt;b&gt; &amp; &quot;c&quot;</cmdline>"));
    CHECK(has(xml, "<kernel>/home/o&apos;hara/&lt;vmlinux&gt;</kernel>"));
}

TEST_CASE("a guest that counts instructions") {
    plan::Plan plan = example_plan();
    plan.count_instructions = true;
    const std::string xml = lab::domain_xml(plan, plan.nodes[1], files);
    CHECK(has(xml, "<qemu:arg value='-icount'/>\n    <qemu:arg value='shift=0'/>"));
    CHECK(has(xml, "<feature policy='disable' name='erms'/>"));
    plan.count_instructions = false;
    CHECK_FALSE(has(lab::domain_xml(plan, plan.nodes[1], files), "qemu:"));
}
