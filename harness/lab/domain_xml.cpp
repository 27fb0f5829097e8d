// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/domain_xml.hpp"

#include "harness/base/xml.hpp"
#include "harness/lab/warm_shape.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>

namespace nflab::lab {
namespace {

// Left alone, QEMU's translated code grows a guest that has run a few dozen programs from 240 to
// 390 MiB resident. At this size it is thrown away now and then, which costs no time that could be
// measured (at 32 MiB: 10 %).
constexpr int translation_cache_mib = 48;

std::string translation_cache() {
    return fmt::format("<tcg><tb-cache unit='MiB'>{}</tb-cache></tcg>", translation_cache_mib);
}

std::string disk(const std::string& image, const char* device) {
    return image.empty() ? std::string()
                         : fmt::format("    <disk type='file' device='disk'>\n"
                                       "      <driver name='qemu' type='raw' cache='unsafe'/>\n"
                                       "      <source file='{}'/>\n"
                                       "      <target dev='{}' bus='virtio'/>\n"
                                       "      <readonly/>\n"
                                       "      <shareable/>\n"
                                       "    </disk>\n",
                                       xml_escape(image), device);
}

std::string interface(const std::string& mac, const std::string& port, int queues) {
    return fmt::format("    <interface type='ethernet'>\n"
                       "      <mac address='{}'/>\n"
                       "      <target dev='{}' managed='no'/>\n"
                       "      <model type='virtio'/>\n"
                       "{}"
                       "      <rom enabled='no'/>\n"
                       "    </interface>\n",
                       xml_escape(mac), xml_escape(port),
                       queues > 1 ? fmt::format("      <driver queues='{}'/>\n", queues)
                                  : std::string());
}

// libvirt knows no element for it. Copies of bytes by one string instruction are counted byte by
// byte: without these two features a guest copies words, as it would be executed elsewhere.
constexpr const char* counting_cpu = "  <cpu mode='maximum' check='none'>\n"
                                     "    <feature policy='disable' name='erms'/>\n"
                                     "    <feature policy='disable' name='fsrm'/>\n"
                                     "  </cpu>\n";
constexpr const char* counting = "  <qemu:commandline xmlns:qemu='http://libvirt.org/schemas/"
                                 "domain/qemu/1.0'>\n"
                                 "    <qemu:arg value='-icount'/>\n"
                                 "    <qemu:arg value='shift=0'/>\n"
                                 "  </qemu:commandline>\n";

// The guest's memory as a file: shared while a guest is kept, so that the file is the memory; a
// private copy for each guest that starts from it. libvirt's own memory stays untouched, and so
// takes no room.
std::string warm_options(const plan::Warm& warm, int memory_mib) {
    constexpr const char* backend = "nflab-memory";
    const nlohmann::json memory = {
        {"qom-type", "memory-backend-file"},
        {"id", backend},
        {"size", std::int64_t{memory_mib} * 1024 * 1024},
        {"mem-path", (std::filesystem::path(warm.directory) / warm_files::memory).string()},
        {"share", warm.keep}};
    std::vector<std::string> words = {"-object", memory.dump(), "-machine",
                                      fmt::format("memory-backend={}", backend)};
    if (!warm.keep)
        words.insert(words.end(), {"-incoming", "defer"});
    std::string xml =
        "  <qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\n";
    for (const std::string& word : words)
        xml += fmt::format("    <qemu:arg value='{}'/>\n", xml_escape(word));
    return xml + "  </qemu:commandline>\n";
}

const char* cpu(const plan::Plan& plan) {
    if (plan.accelerator == plan::Accelerator::kvm)
        return "  <cpu mode='host-passthrough' check='none' migratable='off'/>\n";
    return plan.count_instructions ? counting_cpu : "  <cpu mode='maximum' check='none'/>\n";
}

} // namespace

std::string domain_xml(const plan::Plan& plan, const plan::Node& node, const DomainFiles& files) {
    const bool kvm = plan.accelerator == plan::Accelerator::kvm;
    std::string xml = fmt::format("<domain type='{}'>\n"
                                  "  <name>{}</name>\n"
                                  "  <memory unit='MiB'>{}</memory>\n"
                                  "  <vcpu>{}</vcpu>\n"
                                  "  <os>\n"
                                  "    <type arch='x86_64' machine='pc'>hvm</type>\n"
                                  "    <kernel>{}</kernel>\n"
                                  "    <initrd>{}</initrd>\n"
                                  "    <cmdline>{}</cmdline>\n"
                                  "  </os>\n",
                                  kvm ? "kvm" : "qemu", xml_escape(node.name), node.memory_mib,
                                  node.cpus, xml_escape(plan.boot.kernel),
                                  xml_escape(plan.boot.initrd), xml_escape(plan.boot.command_line));
    xml += fmt::format("  <features>{}<apic/>{}</features>\n", plan.boot.acpi ? "<acpi/>" : "",
                       kvm ? std::string() : translation_cache());
    xml += cpu(plan);
    xml += "  <clock offset='utc'/>\n"
           "  <on_poweroff>destroy</on_poweroff>\n"
           "  <on_reboot>destroy</on_reboot>\n"
           "  <on_crash>destroy</on_crash>\n"
           "  <devices>\n";
    xml += fmt::format("    <emulator>{}</emulator>\n", xml_escape(files.emulator));
    xml += disk(plan.boot.root_image, "vda");
    xml += disk(plan.boot.modules_image, "vdb");
    xml += "    <controller type='usb' model='none'/>\n"
           "    <controller type='virtio-serial' index='0' ports='2'/>\n";
    const auto nics = plan::all_nics(node);
    for (std::size_t i = 0; i < nics.size(); ++i)
        xml +=
            interface(node.warm ? warm_mac(i) : nics[i]->mac, files.ports.at(i), nics[i]->queues);
    xml += fmt::format("    <serial type='file'>\n"
                       "      <source path='{}' append='on'/>\n"
                       "      <target type='isa-serial' port='0'/>\n"
                       "    </serial>\n"
                       "    <channel type='unix'>\n"
                       "      <source mode='bind' path='{}'/>\n"
                       "      <target type='virtio' name='{}'/>\n"
                       "    </channel>\n",
                       xml_escape(files.console), xml_escape(files.agent_socket), channel_name);
    xml += "    <memballoon model='none'/>\n"
           "  </devices>\n";
    if (plan.count_instructions)
        xml += counting;
    if (node.warm)
        xml += warm_options(*node.warm, node.memory_mib);
    xml += "</domain>\n";
    return xml;
}

} // namespace nflab::lab
