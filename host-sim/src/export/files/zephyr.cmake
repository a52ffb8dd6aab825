if(CONFIG_BELLWETHER)
  zephyr_include_directories(${CMAKE_CURRENT_LIST_DIR}/../include)
  zephyr_library_import(bellwether_c ${CMAKE_CURRENT_LIST_DIR}/../lib/libbellwether_c.a)
endif()
