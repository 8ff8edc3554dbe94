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
INSERT INTO "alembic_version" VALUES('0002');
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
INSERT INTO "held" VALUES(1,'left','l2','','ambiguous',1800000000.0,X'8A3D3F2BD8E47ED05600000008022C5048F564B3B7B923708E2BA6B8180F5696351B674E5DB1A0E567144E7268CAF5A1BFEEBFAAC49502032AF633499190');
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
	body BLOB NOT NULL, replaces VARCHAR DEFAULT '' NOT NULL, 
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
INSERT INTO "intent" VALUES(1,'00000000000000000000000000000001',1,'run',1,'left','update','r1','l1',0,0,'','planned','',1800000000.0,0.0,NULL,X'8A3D3F2BD8E47ED0560000000AAB0AD05371D16626BD47A68BE51A49026CA724067B0347B408F2882AD7664E202FDACBDD71DFDC','');
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
INSERT INTO "journal" VALUES(1,1,'updated','run','left','l1','r1','["Name"]','',1800000000.0,X'8A3D3F2BD8E47ED056000000097A40CC9325C494951CA9FFF7FE1B7EF2FE08112DE17950FD9B468E615D9861022FAB653C094135C70F6E53');
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
INSERT INTO "link" VALUES(1,1,'l1','r1','live',0,0,X'8A3D3F2BD8E47ED0560000000664F2317D359EF1D4EF66BB33DDC1895568CB6807324A0F5D8D25FEE5657697F3FE9386CE9190',X'8A3D3F2BD8E47ED056000000079CE6964A3E838FFBC8FB535DA2DD29A734E91A6450E2E6C00C5F006EFF17EB4B');
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
INSERT INTO "meta" VALUES(1,'a9fda518c93d4ac7ae4dbc576941d3c6','zohosyncd',X'8A3D3F2BD8E47ED05600000000E1345577350E37B1ABB1CEC9A529A20F9E19F76C9FD27230AEFF2EE77B258C1F984399FBE6FDC040A230765179',1048576);
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
INSERT INTO "mirror" VALUES(1,1,'l1',1,'v1',1.0,1,0,0,0,'',1800000000.0,X'B090C9E8BAFF1D3E76A672528A40DC48',X'5AC8D3CBB69CDFAB927578B2C4035D24',X'8A3D3F2BD8E47ED0560000000130989C8550CF051773671D180252AD73B07A5E947262412A3F8D');
INSERT INTO "mirror" VALUES(2,1,'l2',2,'v1',1.0,1,0,0,0,'',1800000000.0,X'E421DA01D8B599B9C32A838EFCBAAC8A',X'5FFD94384712587F779883275B41FBE2',X'8A3D3F2BD8E47ED05600000002290DA949D23E8878B9A12B5F6D2DA12C48343B2D21D65B63C9FE');
INSERT INTO "mirror" VALUES(3,2,'r1',1,'e1',1.0,2,0,0,0,'',1800000000.0,X'50A00BA3321D93C48DA84124072F36F5',X'5AC8D3CBB69CDFAB927578B2C4035D24',X'8A3D3F2BD8E47ED0560000000300F6B21DAC0DF7C99CDA4CAD0CDD2E1827D0A39E82FC261724C1');
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
INSERT INTO "secret" VALUES('client',X'8A3D3F2BD8E47ED0560000000B1CEB98F2CC227F6D3B9E548E8262DB031D84EBA2F875');
INSERT INTO "secret" VALUES('zoho.access-token',X'8A3D3F2BD8E47ED0560000000C4E496DD5CC40EBAE0CCFFE25A246A226878AA9');
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
CREATE INDEX ix_mirror_moved_to ON mirror (object_id, moved_to) WHERE moved_to <> '';
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('journal',1);
COMMIT;
