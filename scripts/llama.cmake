# Read by CMake after llama.cpp's own project() (CMAKE_PROJECT_INCLUDE); see setup-llama.sh.
#
# Makes the parts around ggml cheap to compile. Nearly all of their build time goes to reading the
# same headers and to instantiating the same templates of the C++ library and of its JSON classes,
# a hundred times over. Files compiled together ("unity") do that once for each group. ggml, where
# the arithmetic is, keeps its own flags and files.

if(NOT CMAKE_CURRENT_SOURCE_DIR STREQUAL CMAKE_SOURCE_DIR)
    return() # ggml is a project too
endif()

function(corral_compile_together target batch)
    if(TARGET ${target})
        set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${batch})
    endif()
endfunction()

function(corral_shape_targets)
    corral_compile_together(llama-common 8)
    corral_compile_together(mtmd 16)
    corral_compile_together(server-context 6)
    corral_compile_together(llama-server-impl 3)
    get_target_property(core llama SOURCES)
    list(FILTER core INCLUDE REGEX "^llama")
    list(TRANSFORM core PREPEND "${CMAKE_SOURCE_DIR}/src/")
    set_source_files_properties(${core} TARGET_DIRECTORY llama
        PROPERTIES SKIP_UNITY_BUILD_INCLUSION OFF)
endfunction()

# At the end of the top folder, where all targets are there.
cmake_language(DEFER DIRECTORY ${CMAKE_SOURCE_DIR} CALL corral_shape_targets)
