package main

import (
	"cmp"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"
)

const defaultStore = "/var/lib/pdns"

const rootLong = `pdns asks, fills and looks after a store of passive DNS: the history of what
names resolved to, as CoreDNS with the plugin pdnscollect records it.

A store is a directory, or a snapshot: one file that pdns export made. It is read
beside a running CoreDNS, which keeps recording. What root writes into it belongs
to the owner of the directory.

Results go to standard output, messages and progress to standard error. With
--json, standard output is one JSON object a line.

Times are in UTC, and can be given as

    2019-08-01, 20190801         a date
    2019-08-01T10:00:00Z         RFC 3339, which may name another offset; without
                                 seconds, without Z, with a blank for the T too
    20190801T100000              the same without punctuation
    1564653600                   Unix seconds
    7d, 12h, 2w, 1y, 1d12h       an age: y (365 days), w, d, h, m (minutes) and s,
                                 the largest first

A date alone is the end of that day for --until, --at, --first-before and
--last-before, and its beginning for the other flags.

Exit status: 0 found or done, 1 nothing found, 2 bad use or an error.

Environment:

    PDNS_STORE  the store, where --store is not given
    PDNS_ASN    the database of autonomous systems, where --asn is not given
    PDNS_NOW    the time that ages count back from (RFC 3339), for reports that
                come out the same again
    NO_COLOR    if set, no colours, unless --color always
    COLUMNS     how wide pictures are; without it as wide as the terminal. Where
                standard output is no terminal, or COLUMNS is 0, no name in them is
                cut; nothing is ever cut in tables of lookup, CSV and JSON`

const rootExample = `  pdns lookup www.example.com
  pdns lookup 192.0.2.0/24 --since 30d
  pdns import history.json.gz --store ./pdns
  pdns export --snapshot today.pdns`

func newRoot(p *program) *cobra.Command {
	root := &cobra.Command{
		Use:           "pdns",
		Short:         "Ask and look after a store of passive DNS",
		Long:          rootLong,
		Example:       rootExample,
		Args:          cobra.NoArgs,
		Version:       version(),
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.err)
	root.SetFlagErrorFunc(badUse)
	flags := root.PersistentFlags()
	flags.StringVar(&p.store, "store", usualStore(), "the store: a directory or a snapshot `file`")
	flags.Lookup("store").DefValue = "$PDNS_STORE, else " + defaultStore
	p.declareColor(root)
	flags.BoolVarP(&p.quiet, "quiet", "q", false, "no progress on standard error, and no closing line where all was shown")
	root.AddCommand(newLookup(p), newTimeline(p), newPivot(p), newMap(p), newFlux(p), newNew(p), newInvestigate(p), newImport(p), newCapture(p), newExport(p), newMerge(p), newRepair(p), newVerify(p), newStat(p), newServe(p), newKey(p), newMan())
	for _, c := range append(root.Commands(), root) {
		c.Args = hinted(c.Args)
	}
	return root
}

// usualStore is that of commands without --store.
func usualStore() string { return cmp.Or(os.Getenv("PDNS_STORE"), defaultStore) }

// version is the module's, or the commit that it was built from; "devel" where
// neither is known.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}
