package main

import (
	"fmt"
	"math/big"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
)

// number is a figure for people.
func number[N int | uint64](n N) string { return humanize.BigComma(new(big.Int).SetUint64(uint64(n))) }

// plural is how many there are of what.
func plural[N int | uint64](n N, what string) string {
	return number(n) + " " + english.PluralWord(int(min(n, 2)), what, "")
}

func size(n int64) string { return humanize.IBytes(uint64(n)) }

// fewRecords is how many records a run has whose size says nothing about a
// record: most of it is the frame that every run has.
const fewRecords = 1000

// each is bytes a record.
func each(bytes int64, records uint64) string {
	if records < fewRecords {
		return "-"
	}
	return fmt.Sprintf("%.1f B", float64(bytes)/float64(records))
}
