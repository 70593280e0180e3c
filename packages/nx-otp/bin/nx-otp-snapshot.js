#!/usr/bin/env node
require('../dist/snapshot').main();
