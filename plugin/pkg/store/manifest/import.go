package manifest

// An Import is what was taken of one file. The file is known by what it held,
// decompressed, and not by its name: so it is recognised when it has grown, was
// renamed or was compressed.
type Import struct {
	Octets uint64   `json:"octets"` // how far it was read
	Sum    string   `json:"sum"`    // SHA-256 of these octets, in hex
	Head   string   `json:"head"`   // XXH64 of the first HeadOctets of them, in hex
	Items  uint64   `json:"items"`  // lines, frames or messages in them: they are in the runs, as far as they count
	Choice []string `json:"choice"` // what of it was to be taken
	Whole  bool     `json:"whole"`  // the file ended there
	At     int64    `json:"at"`     // when, in Unix seconds
}

// HeadOctets is how much of a file is enough to see that it is none of the files
// imported.
const HeadOctets = 1024
