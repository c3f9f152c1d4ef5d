package dialect

import (
	"strings"

	"example.org/pdns/plugin/pkg/rrset"
)

// Types reads types that a client wants, joined by commas: mnemonics or TYPE and a
// number, in any letter case. Nothing, and ANY, are all types: nil.
func Types(text string) (types []uint16, fault *Fault) {
	if text == "" || strings.EqualFold(text, "ANY") {
		return nil, nil
	}
	for name := range strings.SplitSeq(text, ",") {
		t, err := rrset.ParseType(strings.TrimSpace(name))
		if err != nil || rrset.IsMeta(t) {
			return nil, Bad("type %s: want a mnemonic of data such as A or NS, TYPE and a number, or ANY", Show(name))
		}
		types = append(types, t)
	}
	return types, nil
}
