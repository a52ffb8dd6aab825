idf_component_register(INCLUDE_DIRS "include")
add_prebuilt_library(bellwether_c "lib/libbellwether_c.a")
target_link_libraries(${COMPONENT_LIB} INTERFACE bellwether_c)
