// An independent implementation, golang.org/x/mod/sumdb, against which the verifier is tested:
//
//	go run . golden                makes vectors for deterministic leaves
//	go run . check DIR VKEY        checks a ledger folder: note, every record, proofs
//	go run . note VKEY < NOTE      checks a signed note
package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var sizes = []int64{0, 1, 2, 255, 256, 257, 65535, 65536, 65537, 70000}

// leaf is the i-th deterministic leaf: 64 bytes.
func leaf(i int64) []byte {
	ids := sha256.Sum256([]byte(fmt.Sprintf("ids:%d", i)))
	digest := sha256.Sum256([]byte(fmt.Sprintf("header:%d", i)))
	return append(ids[:], digest[:]...)
}

// memory holds all hashes of a tree, in the order of their storage.
type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = m[index]
	}
	return hashes, nil
}

func grow(size int64) memory {
	var m memory
	for i := int64(0); i < size; i++ {
		stored, err := tlog.StoredHashes(i, leaf(i), m)
		must(err)
		m = append(m, stored...)
	}
	return m
}

func rootAt(size int64, reader tlog.HashReader) tlog.Hash {
	if size == 0 {
		return sha256.Sum256(nil)
	}
	root, err := tlog.TreeHash(size, reader)
	must(err)
	return root
}

type inclusion struct {
	Index int64       `json:"index"`
	Proof []tlog.Hash `json:"proof"`
}

type consistency struct {
	OldSize int64       `json:"oldSize"`
	OldRoot tlog.Hash   `json:"oldRoot"`
	Proof   []tlog.Hash `json:"proof"`
}

type tree struct {
	Size        int64         `json:"size"`
	Root        tlog.Hash     `json:"root"`
	Inclusion   []inclusion   `json:"inclusion"`
	Consistency []consistency `json:"consistency"`
}

// proofs makes, and itself checks, proofs in the tree of this size.
func proofs(size int64, reader tlog.HashReader, record func(int64) []byte) tree {
	t := tree{size, rootAt(size, reader), []inclusion{}, []consistency{}}
	for _, index := range distinct(0, size/3, size/2, size-1) {
		if index < 0 || index >= size {
			continue
		}
		proof, err := tlog.ProveRecord(size, index, reader)
		must(err)
		must(tlog.CheckRecord(proof, size, t.Root, index, tlog.RecordHash(record(index))))
		t.Inclusion = append(t.Inclusion, inclusion{index, append([]tlog.Hash{}, proof...)})
	}
	for _, old := range distinct(1, size/2, size-1, size) {
		if old < 1 || old > size {
			continue
		}
		proof, err := tlog.ProveTree(size, old, reader)
		must(err)
		oldRoot := rootAt(old, reader)
		must(tlog.CheckTree(proof, size, t.Root, old, oldRoot))
		t.Consistency = append(t.Consistency, consistency{old, oldRoot, append([]tlog.Hash{}, proof...)})
	}
	return t
}

func distinct(values ...int64) []int64 {
	var kept []int64
	seen := map[int64]bool{}
	for _, value := range values {
		if !seen[value] {
			kept = append(kept, value)
		}
		seen[value] = true
	}
	return kept
}

func golden() {
	m := grow(sizes[len(sizes)-1])
	var trees []tree
	for _, size := range sizes {
		trees = append(trees, proofs(size, m, leaf))
	}
	const origin = "golden.example/eu/2026h2"
	skey, vkey, err := note.GenerateKey(rand.New(rand.NewSource(6962)), origin)
	must(err)
	signer, err := note.NewSigner(skey)
	must(err)
	last := trees[len(trees)-1]
	text := fmt.Sprintf("%s\n%d\n%s\n", origin, last.Size, base64.StdEncoding.EncodeToString(last.Root[:]))
	checkpoint, err := note.Sign(&note.Note{Text: text}, signer)
	must(err)
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", " ")
	must(out.Encode(map[string]any{
		"madeBy":     "golang.org/x/mod v0.17.0, sumdb/tlog and sumdb/note",
		"vkey":       vkey,
		"checkpoint": string(checkpoint),
		"trees":      trees,
	}))
}

// folder reads tiles as C2SP tlog-tiles lays them out: tlog's own paths carry the height as well.
type folder string

func (f folder) Height() int { return 8 }

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		bytes, err := os.ReadFile(filepath.Join(string(f), path))
		if err != nil {
			return nil, err
		}
		data[i] = bytes
	}
	return data, nil
}

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

// entries reads the n-th entry bundle.
func (f folder) entries(n, size int64) [][]byte {
	tile := tlog.Tile{H: 8, L: 0, N: n, W: 256}
	if width := size - n*256; width < 256 {
		tile.W = int(width)
	}
	path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
	bundle, err := os.ReadFile(filepath.Join(string(f), path))
	must(err)
	var entries [][]byte
	for len(bundle) > 0 {
		length := int(binary.BigEndian.Uint16(bundle))
		entries = append(entries, bundle[2:2+length])
		bundle = bundle[2+length:]
	}
	if len(entries) != tile.W {
		must(fmt.Errorf("%s: %d entries", path, len(entries)))
	}
	return entries
}

func openCheckpoint(message []byte, vkey string) (int64, tlog.Hash) {
	verifier, err := note.NewVerifier(vkey)
	must(err)
	opened, err := note.Open(message, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	return size, root
}

func check(dir, vkey string) {
	message, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	must(err)
	size, root := openCheckpoint(message, vkey)
	f := folder(dir)
	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, f)
	var records [][]byte
	for n := int64(0); n*256 < size; n++ {
		entries := f.entries(n, size)
		indexes := make([]int64, len(entries))
		for i := range entries {
			indexes[i] = tlog.StoredHashIndex(0, n*256+int64(i))
		}
		// TileHashReader proves every tile it reads against the root.
		hashes, err := reader.ReadHashes(indexes)
		must(err)
		for i, entry := range entries {
			if tlog.RecordHash(entry) != hashes[i] {
				must(fmt.Errorf("record %d does not hash to its tile", n*256+int64(i)))
			}
		}
		records = append(records, entries...)
	}
	t := tree{size, root, []inclusion{}, []consistency{}}
	if size > 0 {
		t = proofs(size, reader, func(i int64) []byte { return records[i] })
	}
	if t.Root != root {
		must(fmt.Errorf("the tiles hash to another root"))
	}
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{"records": len(records), "tree": t}))
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	switch {
	case len(os.Args) == 2 && os.Args[1] == "golden":
		golden()
	case len(os.Args) == 4 && os.Args[1] == "check":
		check(os.Args[2], os.Args[3])
	case len(os.Args) == 3 && os.Args[1] == "note":
		message, err := io.ReadAll(os.Stdin)
		must(err)
		size, _ := openCheckpoint(message, os.Args[2])
		fmt.Println(size)
	default:
		must(fmt.Errorf("golden | check DIR VKEY | note VKEY"))
	}
}
