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

const importLong = `import takes history out of files into a store, and makes the store if there is
none. What a file is, and how it is compressed, is found from its content:

    COF      the passive DNS Common Output Format, one JSON object a line, as
             pdns export, DNSDB, CIRCL and dnsdbq -j write it
    dnstap   frame streams of resolvers, also several behind one another
    packets  pcap and pcapng: responses by UDP and TCP, put together from fragments

compressed by gzip, zstd or bzip2, or not. FILE may be a pattern such as '*.fstrm';
- is standard input.

Of dnstap, --types says which messages count: those of a resolver that asks others,
unless told otherwise. Its answers to clients tell the same once more. Of packets,
responses from --port count; nothing says for which zone a server answered there,
so that additional data is left out. What else is left out, and why, is told at the
end, in the words that the collector has for it; it is not added to the coverage of
the store, which is about what the collector saw.

A file that was imported before is left out, also if it was renamed or compressed
meanwhile; one that has grown, or whose import was interrupted, is gone on with
where that stopped, to the record. The store remembers the last 10,000 files by a
digest of their content. What cannot be recognised: a copy that was cut short,
records in another order, and what comes by standard input or a pipe. --again
takes a file once more, and counts its figures twice.

--follow goes on with the last FILE when it grows, and with the next file of its
name when it is replaced, until it is interrupted. Such a file is not compressed.

A line, a frame or a packet that is wrong is told with its place and left out; of a
file that is cut short all is taken that is whole. The exit status is 2 then.
Records of COF are marked as imported, unless they say where they came from.

CoreDNS writes to its store alone: stop it, or import into another directory.`

const importExample = `  pdns import history.json resolver.fstrm.zst
  pdns import --store ./case-17 '*.pcap.gz'
  pdns import --types CLIENT_RESPONSE kresd.tap
  pdns import --follow /var/log/dnstap.fstrm
  dnsdbq -r '*.example.com' -j | pdns import --store ./case-17 -`

// importFlags are as they were given.
type importFlags struct {
	types         []string
	follow, again bool
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
	flags.StringSliceVar(&f.types, "types", strings.Split(dnstap.DefaultTypes.String(), ","), "`messages` of dnstap that count, or all")
	f.add(flags)
	flags.BoolVar(&f.follow, "follow", false, "wait for more at the end of the last file")
	flags.BoolVar(&f.again, "again", false, "take what was imported before once more")
	return c
}

// importOptions are flags that were understood.
type importOptions struct {
	types         dnstap.Types
	ports         []uint16
	observe       observation.Options
	follow, again bool
}

func (f *importFlags) parse() (o importOptions, err error) {
	o = importOptions{follow: f.follow, again: f.again}
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
