//go:build mtbl

package main

import "example.org/pdns/test/bench/peers/mtbl"

func init() { peers["mtbl"] = mtbl.Open }
