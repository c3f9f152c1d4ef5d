package main

import (
	"bytes"
	"encoding/json"
	"testing"
)

// TestCounts: the story's numbers are those of its data.
func TestCounts(t *testing.T) {
	var out bytes.Buffer
	if err := write(&out); err != nil {
		t.Fatal(err)
	}
	names := map[string]map[string]bool{}
	for d := json.NewDecoder(&out); d.More(); {
		var r record
		if err := d.Decode(&r); err != nil {
			t.Fatal(err)
		}
		if r.First >= r.Last || r.Count < 1 {
			t.Errorf("%+v", r)
		}
		for _, rd := range r.Rdata {
			if names[rd] == nil {
				names[rd] = map[string]bool{}
			}
			names[rd][r.Name] = true
		}
	}
	for address, want := range map[string]int{firstHome: onFirst, nextHome: onNext, till: onTill} {
		if got := len(names[address]); got != want {
			t.Errorf("%d names at %s, want %d", got, address, want)
		}
	}
}

// TestSameEveryTime: the walk can be compared word for word.
func TestSameEveryTime(t *testing.T) {
	var a, b bytes.Buffer
	if err := write(&a); err != nil {
		t.Fatal(err)
	}
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two runs differ")
	}
}
