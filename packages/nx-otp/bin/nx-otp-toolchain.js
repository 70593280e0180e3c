#!/usr/bin/env node
require('../dist/toolchain').main();
