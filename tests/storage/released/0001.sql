BEGIN TRANSACTION;
CREATE TABLE account (
	name VARCHAR NOT NULL, 
	shard VARCHAR NOT NULL, 
	identity VARCHAR DEFAULT '' NOT NULL, 
	CONSTRAINT pk_account PRIMARY KEY (name), 
	CONSTRAINT fk_account_shard FOREIGN KEY(shard) REFERENCES shard (name)
);
INSERT INTO "account" VALUES('crm','main','org1');
INSERT INTO "account" VALUES('book','main','');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE connection (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	shard VARCHAR NOT NULL, 
	left_object INTEGER NOT NULL, 
	right_object INTEGER NOT NULL, 
	stage VARCHAR NOT NULL, 
	approved BOOLEAN DEFAULT false NOT NULL, 
	left_offset INTEGER DEFAULT '0' NOT NULL, 
	right_offset INTEGER DEFAULT '0' NOT NULL, 
	mapping_version VARCHAR DEFAULT '' NOT NULL, 
	last_link INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_connection PRIMARY KEY (id), 
	CONSTRAINT ck_connection_stage CHECK (stage IN ('reading', 'matching', 'approval', 'merging', 'creating', 'live')), 
	CONSTRAINT ck_connection_not_negative CHECK (left_offset >= 0 AND right_offset >= 0 AND last_link >= 0), 
	CONSTRAINT fk_connection_left_object FOREIGN KEY(left_object) REFERENCES object (id), 
	CONSTRAINT fk_connection_right_object FOREIGN KEY(right_object) REFERENCES object (id), 
	CONSTRAINT fk_connection_shard FOREIGN KEY(shard) REFERENCES shard (name), 
	CONSTRAINT uq_connection_name UNIQUE (name)
);
INSERT INTO "connection" VALUES(1,'crm-book','main',1,2,'live',0,1,1,'v',1);
CREATE TABLE create_claim (
	object_id INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	digest BLOB NOT NULL, 
	intent_id VARCHAR NOT NULL, 
	CONSTRAINT pk_create_claim PRIMARY KEY (object_id, kind, digest), 
	CONSTRAINT fk_create_claim_intent_id FOREIGN KEY(intent_id) REFERENCES intent (id) ON DELETE CASCADE, 
	CONSTRAINT fk_create_claim_object_id FOREIGN KEY(object_id) REFERENCES object (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE held (
	connection_id INTEGER NOT NULL, 
	side VARCHAR NOT NULL, 
	record_id VARCHAR NOT NULL, 
	field VARCHAR DEFAULT '' NOT NULL, 
	reason VARCHAR NOT NULL, 
	since FLOAT DEFAULT '0' NOT NULL, 
	body BLOB NOT NULL, 
	CONSTRAINT pk_held PRIMARY KEY (connection_id, side, record_id, field), 
	CONSTRAINT ck_held_reason CHECK (reason IN ('ambiguous', 'linked_elsewhere', 'clash', 'tombstone', 'no_key', 'unexplained', 'oscillation')), 
	CONSTRAINT ck_held_side CHECK (side IN ('left', 'right')), 
	CONSTRAINT fk_held_connection_id FOREIGN KEY(connection_id) REFERENCES connection (id) ON DELETE CASCADE
);
INSERT INTO "held" VALUES(1,'left','l2','','ambiguous',1800000000.0,X'8A1AA1B538AC8C0CF1000000086C27D2A14DB4964CE0E4DC200BBEDF4A15F391F3B2651EE5FCC78AD9D9365B0FC27896FFEE49316C4D1E5271298BB304BE');
CREATE TABLE held_on_key (
	connection_id INTEGER NOT NULL, 
	side VARCHAR NOT NULL, 
	record_id VARCHAR NOT NULL, 
	field VARCHAR DEFAULT '' NOT NULL, 
	on_kind VARCHAR NOT NULL, 
	on_digest BLOB NOT NULL, 
	CONSTRAINT pk_held_on_key PRIMARY KEY (connection_id, side, record_id, field, on_kind, on_digest), 
	CONSTRAINT fk_held_on_key_connection_id_side_record_id_field FOREIGN KEY(connection_id, side, record_id, field) REFERENCES held (connection_id, side, record_id, field) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "held_on_key" VALUES(1,'left','l2','','email/1',X'9BCDD030D2B1451095531AE1942518C2');
CREATE TABLE held_on_record (
	connection_id INTEGER NOT NULL, 
	side VARCHAR NOT NULL, 
	record_id VARCHAR NOT NULL, 
	field VARCHAR DEFAULT '' NOT NULL, 
	on_side VARCHAR NOT NULL, 
	on_id VARCHAR NOT NULL, 
	CONSTRAINT pk_held_on_record PRIMARY KEY (connection_id, side, record_id, field, on_side, on_id), 
	CONSTRAINT ck_held_on_record_on_side CHECK (on_side IN ('left', 'right')), 
	CONSTRAINT fk_held_on_record_connection_id_side_record_id_field FOREIGN KEY(connection_id, side, record_id, field) REFERENCES held (connection_id, side, record_id, field) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE intent (
	number INTEGER NOT NULL, 
	id VARCHAR NOT NULL, 
	connection_id INTEGER NOT NULL, 
	run VARCHAR DEFAULT '' NOT NULL, 
	object_id INTEGER NOT NULL, 
	side VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	source_id VARCHAR DEFAULT '' NOT NULL, 
	target_id VARCHAR DEFAULT '' NOT NULL, 
	source_seq INTEGER DEFAULT '0' NOT NULL, 
	target_seq INTEGER DEFAULT '0' NOT NULL, 
	guarded VARCHAR DEFAULT '' NOT NULL, 
	state VARCHAR NOT NULL, 
	batch VARCHAR DEFAULT '' NOT NULL, 
	created_at FLOAT DEFAULT '0' NOT NULL, 
	sent_at FLOAT DEFAULT '0' NOT NULL, 
	version VARCHAR, 
	body BLOB NOT NULL, 
	CONSTRAINT pk_intent PRIMARY KEY (number), 
	CONSTRAINT ck_intent_target CHECK ((kind = 'create') = (target_id = '')), 
	CONSTRAINT ck_intent_guarded CHECK (guarded IN ('', 'delete', 'blank', 'create')), 
	CONSTRAINT ck_intent_kind CHECK (kind IN ('create', 'update', 'delete')), 
	CONSTRAINT ck_intent_side CHECK (side IN ('left', 'right')), 
	CONSTRAINT ck_intent_state CHECK (state IN ('planned', 'waiting', 'approved', 'sent', 'unknown')), 
	CONSTRAINT ck_intent_not_negative CHECK (source_seq >= 0 AND target_seq >= 0), 
	CONSTRAINT fk_intent_connection_id FOREIGN KEY(connection_id) REFERENCES connection (id) ON DELETE CASCADE, 
	CONSTRAINT fk_intent_object_id FOREIGN KEY(object_id) REFERENCES object (id) ON DELETE CASCADE, 
	CONSTRAINT uq_intent_id UNIQUE (id)
);
INSERT INTO "intent" VALUES(1,'00000000000000000000000000000001',1,'run',1,'left','update','r1','l1',0,0,'','planned','',1800000000.0,0.0,NULL,X'8A1AA1B538AC8C0CF10000000A87DAADAA34ED3E24E4B747943392AEBCFF213E9DD5EF6BE73E67630F33E0E10B9526DDB2762E33');
CREATE TABLE journal (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	connection_id INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	run VARCHAR DEFAULT '' NOT NULL, 
	side VARCHAR, 
	left_id VARCHAR DEFAULT '' NOT NULL, 
	right_id VARCHAR DEFAULT '' NOT NULL, 
	fields VARCHAR DEFAULT '' NOT NULL, 
	reason VARCHAR DEFAULT '' NOT NULL, 
	at FLOAT DEFAULT '0' NOT NULL, 
	body BLOB NOT NULL, 
	CONSTRAINT ck_journal_side CHECK (side IN ('left', 'right'))
);
INSERT INTO "journal" VALUES(1,1,'updated','run','left','l1','r1','["Name"]','',1800000000.0,X'8A1AA1B538AC8C0CF100000009444903130B4AA5D474DE4BBC8A86F94983A3B707B105157C73FAABD3DA175F2FDEF20384681E874F294F02');
CREATE TABLE link (
	connection_id INTEGER NOT NULL, 
	id INTEGER NOT NULL, 
	left_id VARCHAR DEFAULT '' NOT NULL, 
	right_id VARCHAR DEFAULT '' NOT NULL, 
	status VARCHAR NOT NULL, 
	by_hand BOOLEAN DEFAULT false NOT NULL, 
	stored_differently BOOLEAN DEFAULT false NOT NULL, 
	left_base BLOB NOT NULL, 
	right_base BLOB NOT NULL, 
	CONSTRAINT pk_link PRIMARY KEY (connection_id, id), 
	CONSTRAINT ck_link_live_has_both CHECK (NOT (status = 'live') OR (left_id <> '' AND right_id <> '')), 
	CONSTRAINT ck_link_status CHECK (status IN ('live', 'tombstone')), 
	CONSTRAINT ck_link_has_id CHECK (id > 0), 
	CONSTRAINT fk_link_connection_id FOREIGN KEY(connection_id) REFERENCES connection (id) ON DELETE CASCADE
);
INSERT INTO "link" VALUES(1,1,'l1','r1','live',0,0,X'8A1AA1B538AC8C0CF1000000065371871CA955D1B4B6BE6EDF38870177E5D841F4CD04A3F662AC2CD5E3EF7BD4402AB5CC96E3',X'8A1AA1B538AC8C0CF10000000740A31A03B87D765FB409650EEAF331ACCCC94D3E1AF68576491BBE7A47DDFEB9');
CREATE TABLE match_key (
	object_id INTEGER NOT NULL, 
	record_id VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	digest BLOB NOT NULL, 
	CONSTRAINT pk_match_key PRIMARY KEY (object_id, record_id, kind, digest), 
	CONSTRAINT fk_match_key_object_id_record_id FOREIGN KEY(object_id, record_id) REFERENCES mirror (object_id, record_id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "match_key" VALUES(1,'l2','email/1',X'9BCDD030D2B1451095531AE1942518C2');
INSERT INTO "match_key" VALUES(1,'l1','email/1',X'FA056FCB4E68B7A64E97BC65F6AF9E10');
INSERT INTO "match_key" VALUES(2,'r1','email/1',X'FA056FCB4E68B7A64E97BC65F6AF9E10');
CREATE TABLE meta (
	id INTEGER NOT NULL, 
	instance_id VARCHAR NOT NULL, 
	application VARCHAR NOT NULL, 
	key_check BLOB NOT NULL, 
	ordinals INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_meta PRIMARY KEY (id), 
	CONSTRAINT ck_meta_one_row CHECK (id = 1), 
	CONSTRAINT ck_meta_not_negative CHECK (ordinals >= 0)
);
INSERT INTO "meta" VALUES(1,'0fd31766370c46e1b8eb1c75d9183e5d','zohosyncd',X'8A1AA1B538AC8C0CF1000000009F7F6BDEFE5A77A1AA25951CAF9522EEC220FB4A45A17FCDE331BE2440BA64EFCF1BAE6F829D8D98E9C30BB6DA',1048576);
CREATE TABLE mirror (
	id INTEGER NOT NULL, 
	object_id INTEGER NOT NULL, 
	record_id VARCHAR NOT NULL, 
	seq INTEGER DEFAULT '0' NOT NULL, 
	version VARCHAR, 
	modified FLOAT, 
	taken INTEGER DEFAULT '0' NOT NULL, 
	answered INTEGER DEFAULT '0' NOT NULL, 
	scan INTEGER DEFAULT '0' NOT NULL, 
	gone BOOLEAN DEFAULT false NOT NULL, 
	moved_to VARCHAR DEFAULT '' NOT NULL, 
	changed_at FLOAT DEFAULT '0' NOT NULL, 
	value_hash BLOB NOT NULL, 
	keys_hash BLOB NOT NULL, 
	body BLOB NOT NULL, 
	CONSTRAINT pk_mirror PRIMARY KEY (id), 
	CONSTRAINT ck_mirror_has_id CHECK (record_id <> ''), 
	CONSTRAINT ck_mirror_has_seq CHECK (seq > 0), 
	CONSTRAINT ck_mirror_not_negative CHECK (taken >= 0 AND answered >= 0 AND scan >= 0), 
	CONSTRAINT fk_mirror_object_id FOREIGN KEY(object_id) REFERENCES object (id) ON DELETE CASCADE, 
	CONSTRAINT uq_mirror_object_id_record_id UNIQUE (object_id, record_id)
);
INSERT INTO "mirror" VALUES(1,1,'l1',1,'v1',1.0,1,0,0,0,'',1800000000.0,X'B090C9E8BAFF1D3E76A672528A40DC48',X'5AC8D3CBB69CDFAB927578B2C4035D24',X'8A1AA1B538AC8C0CF1000000017545314CCB7E42A44C2B7B68F0EB52AC95D0C882317DBC0AB2A2');
INSERT INTO "mirror" VALUES(2,1,'l2',2,'v1',1.0,1,0,0,0,'',1800000000.0,X'E421DA01D8B599B9C32A838EFCBAAC8A',X'5FFD94384712587F779883275B41FBE2',X'8A1AA1B538AC8C0CF100000002C801A1490B948790998C5185233A588C1D47BAFB11FD53F2F15C');
INSERT INTO "mirror" VALUES(3,2,'r1',1,'e1',1.0,2,0,0,0,'',1800000000.0,X'50A00BA3321D93C48DA84124072F36F5',X'5AC8D3CBB69CDFAB927578B2C4035D24',X'8A1AA1B538AC8C0CF100000003C50AC372880F0DA5F7773F4B8F9946A4350CF70EDDF158EE408F');
CREATE TABLE object (
	id INTEGER NOT NULL, 
	account VARCHAR NOT NULL, 
	ref VARCHAR NOT NULL, 
	cursor VARCHAR, 
	complete BOOLEAN DEFAULT false NOT NULL, 
	fields VARCHAR DEFAULT '' NOT NULL, 
	scan INTEGER DEFAULT '0' NOT NULL, 
	scan_cursor VARCHAR, 
	swept_at FLOAT DEFAULT '0' NOT NULL, 
	last_seq INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_object PRIMARY KEY (id), 
	CONSTRAINT ck_object_not_negative CHECK (scan >= 0 AND last_seq >= 0), 
	CONSTRAINT fk_object_account FOREIGN KEY(account) REFERENCES account (name), 
	CONSTRAINT uq_object_account_ref UNIQUE (account, ref)
);
INSERT INTO "object" VALUES(1,'crm','Contacts','feed',0,'',0,NULL,0.0,2);
INSERT INTO "object" VALUES(2,'book','/ann/',NULL,0,'',0,NULL,0.0,1);
CREATE TABLE quarantine (
	connection_id INTEGER NOT NULL, 
	side VARCHAR NOT NULL, 
	record_id VARCHAR NOT NULL, 
	field VARCHAR DEFAULT '' NOT NULL, 
	code VARCHAR NOT NULL, 
	message VARCHAR DEFAULT '' NOT NULL, 
	since FLOAT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_quarantine PRIMARY KEY (connection_id, side, record_id, field), 
	CONSTRAINT ck_quarantine_side CHECK (side IN ('left', 'right')), 
	CONSTRAINT fk_quarantine_connection_id FOREIGN KEY(connection_id) REFERENCES connection (id) ON DELETE CASCADE
);
INSERT INTO "quarantine" VALUES(1,'left','l2','Name','required','missing',1800000000.0);
CREATE TABLE reread (
	object_id INTEGER NOT NULL, 
	record_id VARCHAR NOT NULL, 
	CONSTRAINT pk_reread PRIMARY KEY (object_id, record_id), 
	CONSTRAINT fk_reread_object_id FOREIGN KEY(object_id) REFERENCES object (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE secret (
	name VARCHAR NOT NULL, 
	value BLOB NOT NULL, 
	CONSTRAINT pk_secret PRIMARY KEY (name)
);
INSERT INTO "secret" VALUES('client',X'8A1AA1B538AC8C0CF10000000BF5B674853948849B8523B5D6BEFEB8DBD29D31D8AA02');
INSERT INTO "secret" VALUES('zoho.access-token',X'8A1AA1B538AC8C0CF10000000C301E3CBDFAB5668EB58B2BC9FC41542AAAE06E');
CREATE TABLE shard (
	name VARCHAR NOT NULL, 
	epoch INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_shard PRIMARY KEY (name), 
	CONSTRAINT ck_shard_not_negative CHECK (epoch >= 0)
);
INSERT INTO "shard" VALUES('main',1);
CREATE INDEX ix_journal_kind ON journal (connection_id, kind, at);
CREATE INDEX ix_journal_left ON journal (connection_id, left_id);
CREATE INDEX ix_journal_right ON journal (connection_id, right_id);
CREATE UNIQUE INDEX ix_mirror_seq ON mirror (object_id, seq);
CREATE INDEX ix_held_reason ON held (connection_id, reason);
CREATE INDEX ix_intent_state ON intent (connection_id, state);
CREATE INDEX ix_intent_target ON intent (object_id, target_id);
CREATE INDEX ix_link_stored_differently ON link (connection_id, stored_differently) WHERE stored_differently;
CREATE INDEX ix_link_tombstone_left ON link (connection_id, left_id, status) WHERE status = 'tombstone';
CREATE INDEX ix_link_tombstone_right ON link (connection_id, right_id) WHERE status = 'tombstone';
CREATE UNIQUE INDEX ux_link_live_left ON link (connection_id, left_id, status) WHERE status = 'live';
CREATE UNIQUE INDEX ux_link_live_right ON link (connection_id, right_id) WHERE status = 'live';
CREATE INDEX ix_match_key_digest ON match_key (object_id, digest, kind, record_id);
CREATE INDEX ix_quarantine_code ON quarantine (connection_id, code);
CREATE INDEX ix_create_claim_intent_id ON create_claim (intent_id);
CREATE INDEX ix_held_on_key_on ON held_on_key (connection_id, on_digest, on_kind);
CREATE INDEX ix_held_on_record_on ON held_on_record (connection_id, on_side, on_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('journal',1);
COMMIT;
