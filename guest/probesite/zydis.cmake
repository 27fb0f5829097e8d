# SPDX-License-Identifier: GPL-2.0-or-later
# zydis_static: the decoder of Zydis, built from the distribution's source package, because Debian
# ships no static libZydis. Formatter, encoder and the Zycore library itself are left out.
set(NFLAB_ZYDIS_SOURCE "" CACHE PATH "unpacked source of Zydis 4; fetched when empty")
set(zydis_source "${NFLAB_ZYDIS_SOURCE}")
if(NOT zydis_source)
  set(zydis_source ${CMAKE_SOURCE_DIR}/build/third_party/zydis)
  if(NOT EXISTS ${zydis_source}/src/Decoder.c)
    message(STATUS "Fetching the source of Zydis")
    execute_process(COMMAND ${CMAKE_SOURCE_DIR}/ci/fetch-zydis.sh ${zydis_source}
                    RESULT_VARIABLE zydis_fetched ERROR_VARIABLE zydis_why)
    if(NOT zydis_fetched EQUAL 0)
      message(FATAL_ERROR "The source of Zydis cannot be had: ${zydis_why}"
                          "Unpack Zydis 4 yourself and give -DNFLAB_ZYDIS_SOURCE=/path/to/zydis.")
    endif()
  endif()
endif()
if(NOT EXISTS ${zydis_source}/src/Decoder.c OR NOT EXISTS ${zydis_source}/include/Zydis/Decoder.h)
  message(FATAL_ERROR "${zydis_source} is not the source of Zydis 4 (no src/Decoder.c). "
                      "Correct -DNFLAB_ZYDIS_SOURCE, or leave it empty to have it fetched.")
endif()
find_path(zycore_include Zycore/Types.h)
if(NOT zycore_include)
  message(FATAL_ERROR "Zycore's headers are missing; install libzycore-dev.")
endif()

add_library(zydis_static STATIC ${zydis_source}/src/Decoder.c ${zydis_source}/src/DecoderData.c
                                ${zydis_source}/src/SharedData.c ${zydis_source}/src/Register.c)
target_include_directories(zydis_static SYSTEM PUBLIC ${zydis_source}/include ${zycore_include})
target_include_directories(zydis_static PRIVATE ${zydis_source}/src)
target_compile_definitions(zydis_static PUBLIC ZYDIS_STATIC_BUILD ZYCORE_STATIC_BUILD
                                               ZYDIS_DISABLE_FORMATTER ZYDIS_DISABLE_ENCODER)
target_compile_options(zydis_static PRIVATE -O2)
