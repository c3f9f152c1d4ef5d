package main

import (
	"bytes"
	"os"
	"strconv"
	"strings"
)

// figures are what was measured at one size, by the key of a row, in seconds,
// bytes or times a second.
type figures map[string]float64

// windowKey is the key of the row of a window, as store.RunInfo has it.
func windowKey(window string) string {
	_, unit, ok := strings.Cut(window, " ")
	if !ok {
		return "window.none"
	}
	return "window." + unit
}

// peakMemory is the most resident memory that this process has had, where the
// system tells.
func peakMemory() (float64, bool) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, false
	}
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	fields := bytes.Fields(rest)
	if len(fields) == 0 {
		return 0, false
	}
	kib, err := strconv.ParseFloat(string(fields[0]), 64)
	return kib * 1024, err == nil
}
