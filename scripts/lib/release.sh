# shellcheck shell=bash
# Sourced by the scripts that build executables which are to be used: how a release is compiled and linked.

# Builds these products below .build/release; to be called in the project's folder.
build_release() {
    local product library options=(
        --configuration release --static-swift-stdlib
        # Whether a value is changed from two places at once is checked in debug builds, and so by all tests.
        -Xswiftc -enforce-exclusivity=unchecked
        # Types by their descriptors: looked up by their names, they are searched for at each start.
        -Xswiftc -Xfrontend -Xswiftc -disable-concrete-type-metadata-mangled-name-accessors
        -Xswiftc -Xclang-linker -Xswiftc -static-libgcc
    )
    # The C++ library is looked for in a folder that has it in its static form alone.
    for library in /usr/lib/gcc/*/*/libstdc++.a; do
        [[ -e $library ]] || continue
        mkdir -p .build/static-libraries
        ln -sfn "$library" .build/static-libraries/libstdc++.a
        options+=(-Xlinker "-L$PWD/.build/static-libraries")
        break
    done
    for product in "$@"; do swift build "${options[@]}" --product "$product" || return; done
}
