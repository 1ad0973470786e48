# Read by CMake after llama.cpp's own project() (CMAKE_PROJECT_INCLUDE); see setup-llama.sh.
#
# Makes the parts around ggml cheap to compile. Nearly all of their build time goes to reading the
# same headers and instantiating the same templates of the C++ library a hundred times over. Files
# compiled together ("unity") do that once for each group, and what handles text rather than numbers
# is optimized less. ggml, where the arithmetic is, keeps its own files and flags.

if(NOT CMAKE_CURRENT_SOURCE_DIR STREQUAL CMAKE_SOURCE_DIR)
    return() # ggml is a project too
endif()

# Compiles the files of TARGET in groups of BATCH.
function(corral_compile_together target batch)
    if(TARGET ${target})
        set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${batch})
    endif()
endfunction()

# The last -O of a command line counts, and CMake puts a target's own after that of the build type.
function(corral_optimize level)
    foreach(target IN LISTS ARGN)
        if(TARGET ${target})
            target_compile_options(${target} PRIVATE ${level})
        endif()
    endforeach()
endfunction()

function(corral_shape_targets)
    corral_compile_together(llama-common 8)
    corral_compile_together(server-context 6)
    corral_compile_together(llama-server-impl 3)

    # Its helpers refuse to be compiled with its inner headers.
    corral_compile_together(mtmd 16)
    set_source_files_properties(
        ${CMAKE_SOURCE_DIR}/tools/mtmd/mtmd-helper.cpp
        ${CMAKE_SOURCE_DIR}/tools/mtmd/mtmd-helper-gen.cpp
        TARGET_DIRECTORY mtmd PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)

    # llama.cpp itself groups the files of its architectures; those of the core go together as well,
    # but for what runs once for every token of a vocabulary or letter of a prompt.
    get_target_property(core llama SOURCES)
    list(FILTER core INCLUDE REGEX "^llama")
    list(TRANSFORM core PREPEND "${CMAKE_SOURCE_DIR}/src/")
    set(busy llama-grammar.cpp llama-sampler.cpp llama-vocab.cpp unicode.cpp)
    list(TRANSFORM busy PREPEND "${CMAKE_SOURCE_DIR}/src/")
    list(REMOVE_ITEM core ${busy})
    set_source_files_properties(${core} TARGET_DIRECTORY llama
        PROPERTIES SKIP_UNITY_BUILD_INCLUSION OFF)
    set_source_files_properties(${busy} TARGET_DIRECTORY llama PROPERTIES COMPILE_OPTIONS -O2)

    corral_optimize(-O1 llama llama-common llama-common-base server-context llama-server-impl
        llama-server llama-ui mtmd cpp-httplib vendor-hash)
endfunction()

# At the end of the top folder, where all targets are there.
cmake_language(DEFER DIRECTORY ${CMAKE_SOURCE_DIR} CALL corral_shape_targets)
