# ccache and mold are used where they are installed; neither changes what is built.
find_program(CATCHMENT_CCACHE ccache)
if(CATCHMENT_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CATCHMENT_CCACHE})
endif()
find_program(CATCHMENT_MOLD mold)
if(CATCHMENT_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
