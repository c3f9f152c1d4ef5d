package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"example.org/pdns/plugin/pkg/clock"
	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/observation"
)

var importLong = `import takes history out of files into a store, and makes the store if there is
none. What a file is, and how it is compressed, is found from its content:

    COF      the passive DNS Common Output Format, one JSON object a line, as
             pdns export, DNSDB, CIRCL and dnsdbq -j write it
    dnstap   frame streams of resolvers, also several behind one another
    packets  pcap and pcapng: responses by UDP and TCP, put together from fragments

compressed by gzip, zstd or bzip2, or not. FILE may be a pattern such as '*.fstrm';
- is standard input.

Of dnstap, --types says which messages count: those of a resolver that asks others,
unless told otherwise. Its answers to clients tell the same once more. --types all
takes ` + everyType + `.

Of packets, responses from --port count. A capture at a resolver's host has both
sides: what servers told the resolver, and what it told its clients, which is the
same once more and counts clients. Take a filter to it first that leaves the one
side: tcpdump -r FILE -w SERVERS.pcap not net 192.0.2.0/24, for clients there. Where
queries were captured too, use --match: it takes what answers one of them, which is
harder to forge, and is what pdns capture does. Without it responses alone are
enough. Nothing says for which zone a server answered, so that additional data is
left out. tcpdump -s 0 captures packets to their end; of others nothing is taken.

At the end it is told what became of the packets, and what was left out, and why, in
the words of the collector (its manual has a list of them); it is not added to the
coverage of the store, which is about what the collector saw.

A file that was imported before is left out, also if it was renamed or compressed
meanwhile; one that has grown, or whose import was interrupted, is gone on with
where that stopped, to the line, frame or packet. The store remembers the last 2,000
files by a digest of their content. What cannot be recognised: a copy that was cut
short, which is told behind, the same in other octets, as editcap, tcpdump -w,
mergecap or another export write it, records in another order, two files put
together, and what comes by standard input or a pipe. --again takes a file once more,
and counts its figures twice.

--follow goes on with the last FILE when it grows, and with the next file of its
name when it is replaced, until it is interrupted. Such a file is not compressed.
What was replaced is left when nothing has been written to it for five seconds. Of a
file that is copied and then cut, as logrotate's copytruncate does, what was written
shortly before may be lost: let it be renamed.
What is seen of it is what its writer has handed over: tcpdump does so at once with
-U, fstrm_capture when its buffer is full.

Where CoreDNS records into the store with an end to what it keeps (keep), it drops
what was last seen before that when it runs again, imported or not: a warning says
how much that is. Import what is older into another directory.

Names that are used once, and answers of which there are too many, are recorded as
the collector's option disposable says, as it last ran on the store; where none did,
as by its default.

A line, a frame or a packet that is wrong is told with its place and left out; of a
file that is cut short all is taken that is whole. The exit status is 2 then.
Records of COF are marked as imported, unless they say where they came from.

CoreDNS writes to its store alone, also while a file is followed: stop it, or import
into another directory.`

// everyType names the messages of dnstap that there is a choice of.
var everyType = strings.ReplaceAll(dnstap.AllTypes.String(), ",", ", ")

const importExample = `  pdns import history.json resolver.fstrm.zst
  pdns import --store ./case-17 '*.pcap.gz'
  pdns import --types CLIENT_RESPONSE kresd.tap
  pdns import --match both-ways.pcap
  pdns import --follow /var/log/dnstap.fstrm
  dnsdbq -r '*.example.com' -j | pdns import --store ./case-17 -`

// importFlags are as they were given.
type importFlags struct {
	types                []string
	follow, again, match bool
	observeFlags
}

func newImport(p *program) *cobra.Command {
	var f importFlags
	c := &cobra.Command{
		Use:     "import FILE...|-",
		Short:   "Take history out of files: COF, dnstap, pcap",
		Long:    importLong,
		Example: importExample,
		Args:    wants("FILE... or - for standard input", 0),
		RunE: func(c *cobra.Command, args []string) error {
			o, err := f.parse()
			if err != nil {
				return err
			}
			return p.importFiles(c.Context(), args, o)
		},
	}
	flags := c.Flags()
	flags.StringSliceVar(&f.types, "types", strings.Split(dnstap.DefaultTypes.String(), ","), "`messages` of dnstap that count: of those above, with commas, or all")
	flags.BoolVar(&f.match, "match", false, "take responses in packets only if they answer a query that is there too")
	f.add(flags)
	flags.BoolVar(&f.follow, "follow", false, "wait for more at the end of the last file")
	flags.BoolVar(&f.again, "again", false, "take what was imported before once more")
	return c
}

// importOptions are flags that were understood.
type importOptions struct {
	types                dnstap.Types
	ports                []uint16
	observe              observation.Options
	follow, again, match bool
}

func (f *importFlags) parse() (o importOptions, err error) {
	o = importOptions{follow: f.follow, again: f.again, match: f.match}
	if o.types, err = dnstap.ParseTypes(f.types); err != nil {
		return o, fmt.Errorf("--types: %w", err)
	}
	if o.ports, err = f.servers(); err != nil {
		return o, err
	}
	o.observe, err = f.observeFlags.observe(clock.Now)
	return o, err
}

// importFiles imports files one after the other. What was taken from them when
// it is interrupted is kept.
func (p *program) importFiles(ctx context.Context, args []string, o importOptions) error {
	im := newImporter(p, o)
	paths := im.expand(args)
	im.expect(paths)
	var err error
	for i, path := range paths {
		if err = im.file(ctx, path, o.follow && i == len(paths)-1); err != nil {
			break
		}
	}
	if kept := im.keep(ctx); kept != nil && !errors.Is(err, errStore) {
		err = fmt.Errorf("%w: %w", errStore, kept)
	}
	if errors.Is(err, errStore) {
		return withHint(err, "what is in the store is whole: the same command goes on behind it")
	}
	if im.store == nil && err != nil {
		return err
	}
	im.tell()
	if err == nil && im.wrong+im.broken > 0 {
		return wentWrong
	}
	return err
}

// expand replaces patterns by the files that match them, which a shell does unless
// they are quoted.
func (im *importer) expand(args []string) (paths []string) {
	for _, arg := range args {
		if _, err := os.Lstat(arg); err == nil || !strings.ContainsAny(arg, "*?[") {
			paths = append(paths, arg)
			continue
		}
		found, err := filepath.Glob(arg)
		if err == nil && len(found) == 0 {
			err = errors.New("no file matches")
		}
		if err != nil {
			im.breakOff(fmt.Errorf("%s: %w", arg, err))
		}
		paths = append(paths, found...)
	}
	return paths
}
