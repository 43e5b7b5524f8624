#!/bin/bash
# Debian's Chromium with chromedriver, fonts for Chinese, and axe-core, which says what of a page breaks the rules of WCAG. The tests start chromedriver
# themselves, on a port that is free.
. "$(dirname "$0")/lib.sh"
do_install() { apt_need chromium chromium-driver fonts-noto-cjk; command -v npm >/dev/null || apt_need npm; npm_in "$H/app" axe-core@4.14.1; }
do_start() { :; }
do_seed() { :; }
do_probe() { chromedriver --version; chromium --version 2>/dev/null; ls -l "$H/app/node_modules/axe-core/axe.min.js"; }
do_stop() { :; }
main "$@"
