package investigate

import (
	"fmt"

	"github.com/dustin/go-humanize"

	"example.org/pdns/plugin/pkg/analysis"
)

// fluxCut says what a bound left out of a verdict on flux.
func fluxCut(f *analysis.FluxReport, c analysis.Cut) string {
	switch limit := humanize.Comma(c.Limit); c.At {
	case "sample":
		all := f.Addresses.IPv4 + f.Addresses.IPv6
		return fmt.Sprintf("who else had its addresses was looked up for %s of %s of them", humanize.Comma(int64(all-c.Links)), humanize.Comma(int64(all)))
	case "records":
		return fmt.Sprintf("no more than %s records were read", limit)
	case "aliases":
		return fmt.Sprintf("no more than %s aliases were followed", limit)
	case "servers":
		return fmt.Sprintf("the addresses of no more than %s of its name servers were read", limit)
	case "time":
		return "its time was over"
	}
	return "the bound of " + c.At
}
