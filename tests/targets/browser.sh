#!/bin/bash
# Debian's Chromium with chromedriver, fonts for Chinese, and axe-core and Lighthouse, which say what of a page breaks the rules of WCAG. The tests
# start chromedriver themselves, on a port that is free.
. "$(dirname "$0")/lib.sh"
do_install() { apt_need chromium chromium-driver fonts-noto-cjk; command -v npm >/dev/null || apt_need npm; npm_in "$H/app" axe-core@4.14.1 lighthouse@12.8.2; }
do_start() { :; }
do_seed() { :; }
do_probe() { chromedriver --version; chromium --version 2>/dev/null; ls -l "$H/app/node_modules/axe-core/axe.min.js" "$H/app/node_modules/lighthouse/package.json"; }
do_stop() { :; }
main "$@"
