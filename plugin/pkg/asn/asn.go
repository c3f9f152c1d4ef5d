// Package asn tells which autonomous system announces an address, from a file that the
// operator has: a database in MaxMind's format of GeoLite2-ASN, of DB-IP's
// dbip-asn-lite, of IPinfo, or one made alike. Nothing is asked over a network.
//
//	db, err := asn.Open("GeoLite2-ASN.mmdb")
//	o, found, err := db.Lookup(netip.MustParseAddr("192.0.2.1"))
//
// # Caveats
//
// A database says what was announced when it was built, not what was when an address
// was seen; of what was seen years ago it may be wrong. It reads by maxminddb and not
// by the geoip2 package on top of that, which refuses all but MaxMind's and two of
// DB-IP's types.
package asn

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"

	"github.com/oschwald/maxminddb-golang/v2"
)

// A Database is one that is open, all in memory: what becomes of the file after that
// does not matter. It is safe for concurrent use, and need not be closed.
type Database struct {
	file   string
	reader *maxminddb.Reader
}

// An Origin is what a database says of an address.
type Origin struct {
	Number       uint32       // of the autonomous system
	Organisation string       // may be empty
	Network      netip.Prefix // the largest that holds the address of which all is the same
}

// Open reads a database. An error names the file, and, where that can be read but has
// no AS numbers, the type that it says to be of, and what is wanted.
func Open(file string) (*Database, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := readFile(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return Read(b, file)
}

// Read is Open for what is in memory already; file is what errors call it. The bytes
// must not change afterwards.
func Read(b []byte, file string) (*Database, error) {
	d := &Database{file: file}
	err := d.guard(func() (err error) {
		d.reader, err = maxminddb.OpenBytes(b)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w, or a damaged one (%w), want %s", file, errFormat, err, wanted)
	}
	if err := d.probe(); err != nil {
		return nil, err
	}
	return d, nil
}

// errFormat: what was read does not have the form of a database.
var errFormat = errors.New("no database in MaxMind's format")

const wanted = "a database of AS numbers such as GeoLite2-ASN.mmdb or dbip-asn-lite.mmdb"

// Where probe stops: each network that it looks at costs at most 128 steps, in a
// damaged tree too.
const (
	mostNetworks = 20_000
	mostProbes   = 1000 // networks with data
)

// errNone: the first networks with data have no AS number.
var errNone = errors.New("no AS numbers in it")

// probe looks for a network with an AS number. What says that a database has these are
// its records: types are whatever its maker calls them.
func (d *Database) probe() error {
	err := d.guard(func() error {
		networks, probes := 0, 0
		// All networks, so that each path through the tree comes to an end here.
		for r := range d.reader.Networks(maxminddb.IncludeNetworksWithoutData(), maxminddb.IncludeAliasedNetworks()) {
			if err := r.Err(); err != nil {
				return err
			}
			if networks++; networks > mostNetworks {
				return errNone
			}
			if !r.Found() {
				continue
			}
			var rec record
			if err := r.Decode(&rec); err == nil && rec.number() != 0 {
				return nil
			}
			if probes++; probes >= mostProbes {
				return errNone
			}
		}
		return errNone
	})
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errNone):
		return fmt.Errorf("%s: of type %q, with no AS numbers, want %s", d.file, d.Type(), wanted)
	}
	return fmt.Errorf("%s: of type %q, damaged: %w", d.file, d.Type(), err)
}

// guard runs what reads foreign bytes: should the library meet a defect of its own in
// a damaged file, that is an error about this file.
func (d *Database) guard(read func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("damaged: %v", p)
		}
	}()
	return read()
}

// Lookup finds the origin of an address; false if the database has none. A zone of the
// address counts for nothing, and IPv4 mapped into IPv6 is IPv4. An error names the
// file, and says that it is damaged.
func (d *Database) Lookup(a netip.Addr) (o Origin, found bool, err error) {
	a = a.Unmap().WithZone("")
	if !a.IsValid() || a.Is6() && d.reader.Metadata.IPVersion == 4 {
		return o, false, nil
	}
	err = d.guard(func() error {
		r := d.reader.Lookup(a)
		if err := r.Err(); err != nil || !r.Found() {
			return err
		}
		var rec record
		if err := r.Decode(&rec); err != nil {
			return err
		}
		o = Origin{Number: rec.number(), Organisation: rec.organisation(), Network: r.Prefix()}
		if !o.Network.Contains(a) {
			return fmt.Errorf("damaged: found in %s", o.Network)
		}
		return nil
	})
	if err != nil {
		return Origin{}, false, fmt.Errorf("%s: %s: %w", d.file, a, err)
	}
	if o.Number == 0 {
		return Origin{}, false, nil
	}
	return o, true, nil
}

// File is the name of the file that was opened.
func (d *Database) File() string { return d.file }

// Type is what the database says to be, as GeoLite2-ASN.
func (d *Database) Type() string { return d.reader.Metadata.DatabaseType }

// Built is when the database was built.
func (d *Database) Built() time.Time { return d.reader.Metadata.BuildTime().UTC() }

// stale is how old a database may be: networks change hands, some percent of them a
// year.
const stale = 365 * 24 * time.Hour

// Warning says what is doubtful about the database at a time: it is older than a year,
// or was built after that. Empty if nothing is.
func (d *Database) Warning(now time.Time) string {
	built := d.Built()
	switch age := now.Sub(built); {
	case age > stale:
		return fmt.Sprintf("%s was built on %s, %d days ago: networks have changed hands since", d.file, built.Format(time.DateOnly), int(age.Hours()/24))
	case age < -48*time.Hour:
		return fmt.Sprintf("%s was built on %s, which is yet to come: it, or the clock, is wrong", d.file, built.Format(time.DateOnly))
	}
	return ""
}
