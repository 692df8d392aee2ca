/** The Dart VM for tests: running a program, compiling one, our packages' config. */
import { fromFileUrl } from "./paths.ts";
