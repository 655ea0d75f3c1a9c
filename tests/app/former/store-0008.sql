BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0008');
CREATE TABLE allocation (
	"key" VARCHAR(160) NOT NULL, 
	plan_id VARCHAR(36) NOT NULL, 
	since_generation BIGINT NOT NULL, 
	workload VARCHAR(128) NOT NULL, 
	shard INTEGER NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	site VARCHAR(128) NOT NULL, 
	access VARCHAR(128) NOT NULL, 
	policy VARCHAR(128) NOT NULL, 
	model VARCHAR(200) NOT NULL, 
	devices INTEGER NOT NULL, 
	in_request BOOLEAN NOT NULL, 
	previous_node VARCHAR(128), 
	node VARCHAR(128), 
	tier VARCHAR(16), 
	province VARCHAR(200), 
	profile VARCHAR(128), 
	servers INTEGER, 
	route JSON NOT NULL, 
	deadline_us BIGINT NOT NULL, 
	access_us BIGINT, 
	transfer_us BIGINT, 
	transport_us BIGINT, 
	service_us BIGINT, 
	waiting_us BIGINT, 
	margin_us BIGINT, 
	refusal JSON, role VARCHAR(16) DEFAULT 'primary' NOT NULL, cards JSON DEFAULT '[]' NOT NULL, batch_limit INTEGER DEFAULT '0' NOT NULL, disturbed JSON, disturbed_since BIGINT, 
	CONSTRAINT pk_allocation PRIMARY KEY ("key")
);
INSERT INTO "allocation" VALUES('cameras/00000000','4e52c01e-2597-44c6-9c2b-7cfb67327bf7',7,'cameras',0,'placed','plant','plant-wired','open','detector',10,1,NULL,'hub','mec','KR-26','detector-card',1,'[]',60000,400,17,0,5000,9595,44988,NULL,'primary','[[0, 0]]',1,NULL,NULL);
INSERT INTO "allocation" VALUES('night-cameras/00000000','4e52c01e-2597-44c6-9c2b-7cfb67327bf7',7,'night-cameras',0,'placed','plant','plant-wired','open','detector',10,1,NULL,'centre','regional','KR-50','detector-card',1,'["hub-centre"]',60000,400,17,4000,5000,9595,40988,NULL,'primary','[[0, 0]]',1,NULL,NULL);
CREATE TABLE allocation_change (
	generation BIGINT NOT NULL, 
	ordinal INTEGER NOT NULL, 
	workload VARCHAR(128) NOT NULL, 
	shard INTEGER NOT NULL, 
	action VARCHAR(16) NOT NULL, 
	from_node VARCHAR(128), 
	to_node VARCHAR(128), 
	CONSTRAINT pk_allocation_change PRIMARY KEY (generation, ordinal)
);
INSERT INTO "allocation_change" VALUES(7,0,'cameras',0,'placed',NULL,'hub');
INSERT INTO "allocation_change" VALUES(7,1,'night-cameras',0,'placed',NULL,'centre');
CREATE TABLE allocation_record (
	generation BIGINT NOT NULL, 
	at_ms BIGINT, 
	plan_id VARCHAR(36), 
	name VARCHAR(200), 
	counts JSON NOT NULL, 
	replaced BLOB, 
	CONSTRAINT pk_allocation_record PRIMARY KEY (generation)
);
INSERT INTO "allocation_record" VALUES(7,1796057030305,'4e52c01e-2597-44c6-9c2b-7cfb67327bf7',NULL,'{"placed": 2}',X'78014D8EB10E83300C44FFC5732A75E657505599E012AB498C9C5006C4BFE3880CDDEECEEFE43BA092A60243DE62748053A15C6138C06322453B8CCF9783CC4BA88FFFEC74B02357CE8BD166D6889EE6D6DC45BF51D0F468CD1250BBCC32D31DAE2A1F8EDD14D21F69FB64B837BA4B95AD7664C2EAC33B7262DBD63095BB7D9E17C32E40DD');
CREATE TABLE answered (
	"key" VARCHAR(255) NOT NULL, 
	content VARCHAR(64) NOT NULL, 
	at_ms BIGINT NOT NULL, 
	status INTEGER NOT NULL, 
	headers JSON NOT NULL, 
	body BLOB NOT NULL, 
	CONSTRAINT pk_answered PRIMARY KEY ("key")
);
INSERT INTO "answered" VALUES('once','71ac189831d42457831ff859b9919b2c805c697f6b6f468f40b47acfcdc81a64',1796057014631,201,'{"Location": "/v1/workloads/cameras", "ETag": "\"5\""}',X'7B226964223A2263616D65726173222C2270726F76656E616E6365223A5B5D2C226E6F7465223A6E756C6C2C226E616D65223A6E756C6C2C22616363657373223A22706C616E742D7769726564222C226D6F64656C223A226465746563746F72222C2264657669636573223A31302C22726174655F6D687A223A353030302C227061796C6F61645F75705F6279746573223A32303030302C227061796C6F61645F646F776E5F6279746573223A3230302C22646561646C696E655F7573223A36303030302C22706F6C696379223A226F70656E222C2276616C75655F6B72775F6D6F6E7468223A35303030303030302C227469657273223A5B22636F7265222C226D6563222C226D6574726F222C226F6E73697465222C22726567696F6E616C225D2C2270696E223A226E6F6E65222C2273686172645F64657669636573223A302C227370726561645F67726F7570223A6E756C6C2C227370726561645F6F766572223A2273697465222C2263757272656E74223A5B5D2C226D6F7661626C65223A747275652C226D6F76655F636F73745F6B7277223A37303030302C227761726E696E6773223A5B5D7D');
CREATE TABLE change (
	generation BIGINT NOT NULL, 
	ordinal INTEGER NOT NULL, 
	at_ms BIGINT NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	id VARCHAR(128) NOT NULL, 
	action VARCHAR(16) NOT NULL, 
	"before" JSON, 
	"after" JSON, 
	note TEXT, 
	CONSTRAINT pk_change PRIMARY KEY (generation, ordinal)
);
INSERT INTO "change" VALUES(1,0,1796057013805,'catalogue','*','replaced','{"accelerators": 0, "profiles": 0}','{"accelerators": 1, "profiles": 1}',NULL);
INSERT INTO "change" VALUES(2,0,1796057013948,'network','*','replaced','{"nodes": 0, "links": 0, "sites": 0, "accesses": 0}','{"nodes": 2, "links": 1, "sites": 1, "accesses": 1}',NULL);
INSERT INTO "change" VALUES(3,0,1796057014052,'policies','*','replaced','{"policies": 0}','{"policies": 1}',NULL);
INSERT INTO "change" VALUES(4,0,1796057014266,'nodes','centre','changed','{"id": "centre", "provenance": [], "note": null, "name": "Centre", "name_ko": null, "lat": 36.5, "lon": 127.2, "tier": "regional", "country": "KR", "owner": "telco", "owner_country": "KR", "site": null, "place": "", "metro": "sejong", "power_domain": "", "province": "KR-50", "foreign_equity_permille": null, "operator": "telco", "operator_country": "KR", "tenant_country": null, "personnel_countries": null, "control_jurisdictions": null, "backup_countries": null, "key_custody": null, "double_encryption": null, "certifications": [], "commitment": "operational", "available_from": null, "state": "active", "pools": [{"accelerator": "card", "count": 4, "price_krw_month": 600000}], "vcpu": 256, "memory_mib": 1048576, "power_w": 20000, "pue_permille": 1000, "vcpu_price_krw_month": 0, "memory_price_krw_gib_month": 0, "power_price_krw_kwh": 0}','{"id": "centre", "provenance": [], "note": null, "name": "Centre", "name_ko": null, "lat": 36.5, "lon": 127.2, "tier": "regional", "country": "KR", "owner": "telco", "owner_country": "KR", "site": null, "place": "", "metro": "sejong", "power_domain": "", "province": "KR-50", "foreign_equity_permille": null, "operator": "telco", "operator_country": "KR", "tenant_country": null, "personnel_countries": null, "control_jurisdictions": null, "backup_countries": null, "key_custody": null, "double_encryption": null, "certifications": [], "commitment": "operational", "available_from": null, "state": "active", "pools": [{"accelerator": "card", "count": 4, "price_krw_month": 600000}], "vcpu": 256, "memory_mib": 1048576, "power_w": 20000, "pue_permille": 1000, "vcpu_price_krw_month": 8000, "memory_price_krw_gib_month": 0, "power_price_krw_kwh": 0}',NULL);
INSERT INTO "change" VALUES(5,0,1796057014630,'workloads','cameras','created',NULL,'{"id": "cameras", "provenance": [], "note": null, "name": null, "access": "plant-wired", "model": "detector", "devices": 10, "rate_mhz": 5000, "payload_up_bytes": 20000, "payload_down_bytes": 200, "deadline_us": 60000, "policy": "open", "value_krw_month": 50000000, "tiers": ["core", "mec", "metro", "onsite", "regional"], "pin": "none", "shard_devices": 0, "spread_group": null, "spread_over": "site", "current": [], "movable": true, "move_cost_krw": 70000}',NULL);
INSERT INTO "change" VALUES(6,0,1796057014689,'workloads','night-cameras','created',NULL,'{"id": "night-cameras", "provenance": [], "note": null, "name": null, "access": "plant-wired", "model": "detector", "devices": 10, "rate_mhz": 5000, "payload_up_bytes": 20000, "payload_down_bytes": 200, "deadline_us": 60000, "policy": "open", "value_krw_month": 50000000, "tiers": ["core", "mec", "metro", "onsite", "regional"], "pin": "none", "shard_devices": 0, "spread_group": null, "spread_over": "site", "current": [], "movable": true, "move_cost_krw": 50000}',NULL);
CREATE TABLE decision (
	plan_id VARCHAR(36) NOT NULL, 
	position INTEGER NOT NULL, 
	workload VARCHAR(128) NOT NULL, 
	shard INTEGER NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	site VARCHAR(128) NOT NULL, 
	access VARCHAR(128) NOT NULL, 
	policy VARCHAR(128) NOT NULL, 
	model VARCHAR(200) NOT NULL, 
	devices INTEGER NOT NULL, 
	in_request BOOLEAN NOT NULL, 
	previous_node VARCHAR(128), 
	node VARCHAR(128), 
	tier VARCHAR(16), 
	province VARCHAR(200), 
	profile VARCHAR(128), 
	servers INTEGER, 
	route JSON NOT NULL, 
	deadline_us BIGINT NOT NULL, 
	access_us BIGINT, 
	transfer_us BIGINT, 
	transport_us BIGINT, 
	service_us BIGINT, 
	waiting_us BIGINT, 
	margin_us BIGINT, 
	refusal JSON, role VARCHAR(16) DEFAULT 'primary' NOT NULL, cards JSON DEFAULT '[]' NOT NULL, batch_limit INTEGER DEFAULT '0' NOT NULL, disturbed JSON, 
	CONSTRAINT pk_decision PRIMARY KEY (plan_id, position)
);
INSERT INTO "decision" VALUES('4e52c01e-2597-44c6-9c2b-7cfb67327bf7',0,'cameras',0,'placed','plant','plant-wired','open','detector',10,1,NULL,'hub','mec','KR-26','detector-card',1,'[]',60000,400,17,0,5000,9595,44988,NULL,'primary','[[0, 0]]',1,NULL);
INSERT INTO "decision" VALUES('4e52c01e-2597-44c6-9c2b-7cfb67327bf7',1,'night-cameras',0,'placed','plant','plant-wired','open','detector',10,1,NULL,'centre','regional','KR-50','detector-card',1,'["hub-centre"]',60000,400,17,4000,5000,9595,40988,NULL,'primary','[[0, 0]]',1,NULL);
INSERT INTO "decision" VALUES('c6e920a6-55b6-49cf-88ba-0618deb9989e',0,'given',0,'placed','plant','plant-wired','open','detector',10,1,NULL,'centre','regional','KR-50','detector-card',1,'["hub-centre"]',60000,400,17,4000,5000,9595,40988,NULL,'primary','[[1, 0]]',1,NULL);
INSERT INTO "decision" VALUES('c6e920a6-55b6-49cf-88ba-0618deb9989e',1,'cameras',0,'placed','plant','plant-wired','open','detector',10,0,'hub','hub','mec','KR-26','detector-card',1,'[]',60000,400,17,0,5000,9595,44988,NULL,'primary','[[0, 0]]',1,NULL);
INSERT INTO "decision" VALUES('c6e920a6-55b6-49cf-88ba-0618deb9989e',2,'night-cameras',0,'placed','plant','plant-wired','open','detector',10,0,'centre','centre','regional','KR-50','detector-card',1,'["hub-centre"]',60000,400,17,4000,5000,9595,40988,NULL,'primary','[[0, 0]]',1,NULL);
CREATE TABLE draft (
	plan_id VARCHAR(36) NOT NULL, 
	generation BIGINT NOT NULL, 
	body BLOB NOT NULL, 
	CONSTRAINT pk_draft PRIMARY KEY (plan_id)
);
CREATE TABLE entity (
	kind VARCHAR(32) NOT NULL, 
	id VARCHAR(128) NOT NULL, 
	generation BIGINT NOT NULL, 
	body JSON NOT NULL, 
	CONSTRAINT pk_entity PRIMARY KEY (kind, id)
);
INSERT INTO "entity" VALUES('accelerators','card',1,'{"id": "card", "provenance": [], "note": null, "name": null, "vendor": "maker", "vendor_country": "US", "memory_mib": 49152, "power_w": 300, "max_slices": 1}');
INSERT INTO "entity" VALUES('profiles','detector-card',1,'{"id": "detector-card", "provenance": [], "note": null, "name": null, "model": "detector", "accelerator": "card", "runtime": "rt", "batches": [[1, 5000]], "memory_mib": 8192, "slice_permille": 1000, "vcpu_milli": 1000, "host_memory_mib": 4096, "power_w": 300}');
INSERT INTO "entity" VALUES('nodes','hub',2,'{"id": "hub", "provenance": [{"fields": ["pools.price_krw_month", "power_price_krw_kwh"], "basis": "estimated", "source": "by hand, as \"value_krw_month\": 1 is"}], "note": null, "name": "Hub", "name_ko": null, "lat": 35.1, "lon": 129.0, "tier": "mec", "country": "KR", "owner": "telco", "owner_country": "KR", "site": null, "place": "", "metro": "busan", "power_domain": "", "province": "KR-26", "foreign_equity_permille": null, "operator": "telco", "operator_country": "KR", "tenant_country": null, "personnel_countries": null, "control_jurisdictions": null, "backup_countries": null, "key_custody": null, "double_encryption": null, "certifications": [], "commitment": "operational", "available_from": null, "state": "active", "pools": [{"accelerator": "card", "count": 2, "price_krw_month": 900000}], "vcpu": 64, "memory_mib": 262144, "power_w": 5000, "pue_permille": 1000, "vcpu_price_krw_month": 0, "memory_price_krw_gib_month": 0, "power_price_krw_kwh": 182}');
INSERT INTO "entity" VALUES('links','hub-centre',2,'{"id": "hub-centre", "provenance": [], "note": null, "source": "hub", "target": "centre", "latency_us": 2000, "capacity_kbps": 10000000, "jurisdictions": ["KR"], "price_krw_gbps_month": 60000, "length_m": 0, "latency_back_us": null, "capacity_back_kbps": null, "price_back_krw_gbps_month": null}');
INSERT INTO "entity" VALUES('sites','plant',2,'{"id": "plant", "provenance": [], "note": null, "name": "Plant", "name_ko": null, "lat": 35.2, "lon": 129.1, "province": null, "operator": null, "kind": "factory"}');
INSERT INTO "entity" VALUES('accesses','plant-wired',2,'{"id": "plant-wired", "provenance": [], "note": null, "site": "plant", "node": "hub", "technology": "wired", "rtt_p50_us": 300, "rtt_p99_us": 400, "uplink_kbps": 10000000, "downlink_kbps": 10000000, "cells": 1}');
INSERT INTO "entity" VALUES('policies','open',3,'{"id": "open", "provenance": [], "note": null, "name": "Open", "description": null, "law": null, "countries": null, "owner_countries": null, "max_foreign_equity_permille": null, "operator_countries": null, "tenant_countries": null, "personnel_countries": null, "control_jurisdictions": null, "key_custody": null, "double_encryption": false, "certifications": [], "transit": null}');
INSERT INTO "entity" VALUES('nodes','centre',4,'{"id": "centre", "provenance": [], "note": null, "name": "Centre", "name_ko": null, "lat": 36.5, "lon": 127.2, "tier": "regional", "country": "KR", "owner": "telco", "owner_country": "KR", "site": null, "place": "", "metro": "sejong", "power_domain": "", "province": "KR-50", "foreign_equity_permille": null, "operator": "telco", "operator_country": "KR", "tenant_country": null, "personnel_countries": null, "control_jurisdictions": null, "backup_countries": null, "key_custody": null, "double_encryption": null, "certifications": [], "commitment": "operational", "available_from": null, "state": "active", "pools": [{"accelerator": "card", "count": 4, "price_krw_month": 600000}], "vcpu": 256, "memory_mib": 1048576, "power_w": 20000, "pue_permille": 1000, "vcpu_price_krw_month": 8000, "memory_price_krw_gib_month": 0, "power_price_krw_kwh": 0}');
INSERT INTO "entity" VALUES('workloads','cameras',5,'{"id": "cameras", "provenance": [], "note": null, "name": null, "access": "plant-wired", "model": "detector", "devices": 10, "rate_mhz": 5000, "payload_up_bytes": 20000, "payload_down_bytes": 200, "deadline_us": 60000, "policy": "open", "value_krw_month": 50000000, "tiers": ["core", "mec", "metro", "onsite", "regional"], "pin": "none", "shard_devices": 0, "spread_group": null, "spread_over": "site", "current": [], "movable": true, "move_cost_krw": 70000}');
INSERT INTO "entity" VALUES('workloads','night-cameras',6,'{"id": "night-cameras", "provenance": [], "note": null, "name": null, "access": "plant-wired", "model": "detector", "devices": 10, "rate_mhz": 5000, "payload_up_bytes": 20000, "payload_down_bytes": 200, "deadline_us": 60000, "policy": "open", "value_krw_month": 50000000, "tiers": ["core", "mec", "metro", "onsite", "regional"], "pin": "none", "shard_devices": 0, "spread_group": null, "spread_over": "site", "current": [], "movable": true, "move_cost_krw": 50000}');
CREATE TABLE event (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at_ms BIGINT NOT NULL, 
	type VARCHAR(32) NOT NULL, 
	generation BIGINT, 
	"plan" VARCHAR(36), 
	node VARCHAR(128), 
	detail JSON NOT NULL
);
INSERT INTO "event" VALUES(1,1796057013804,'generation.changed',1,NULL,NULL,'{"parts": ["catalogue"]}');
INSERT INTO "event" VALUES(2,1796057013948,'generation.changed',2,NULL,NULL,'{"parts": ["network"]}');
INSERT INTO "event" VALUES(3,1796057014052,'generation.changed',3,NULL,NULL,'{"parts": ["policies"]}');
INSERT INTO "event" VALUES(4,1796057014268,'generation.changed',4,NULL,NULL,'{"parts": ["network"]}');
INSERT INTO "event" VALUES(5,1796057014601,'generation.changed',5,NULL,NULL,'{"parts": ["workloads"]}');
INSERT INTO "event" VALUES(6,1796057014689,'generation.changed',6,NULL,NULL,'{"parts": ["workloads"]}');
INSERT INTO "event" VALUES(7,1796057015069,'plan.queued',NULL,'4e52c01e-2597-44c6-9c2b-7cfb67327bf7',NULL,'{"name": null, "what_if": false}');
INSERT INTO "event" VALUES(8,1796057030089,'plan.started',6,'4e52c01e-2597-44c6-9c2b-7cfb67327bf7',NULL,'{"name": null}');
INSERT INTO "event" VALUES(9,1796057030179,'plan.finished',6,'4e52c01e-2597-44c6-9c2b-7cfb67327bf7',NULL,'{"name": null, "warnings": [{"code": "bound.none", "message": "Nothing is proven about this plan: others may cost far less."}], "cost": 1548343, "bound": 0, "gap": 1.0, "placed_shards": 2, "unplaced_shards": 0, "seconds": 0.1}');
INSERT INTO "event" VALUES(10,1796057030284,'generation.changed',7,NULL,NULL,'{"parts": ["allocation", "workloads"]}');
INSERT INTO "event" VALUES(11,1796057030340,'plan.applied',7,'4e52c01e-2597-44c6-9c2b-7cfb67327bf7',NULL,'{"name": null, "placed": 2, "moved": 0, "resized": 0, "unplaced": 0, "kept": 0, "ended": 0, "disturbed": 0, "reverified": false}');
INSERT INTO "event" VALUES(12,1796057030379,'plan.queued',NULL,'c6e920a6-55b6-49cf-88ba-0618deb9989e',NULL,'{"name": null, "what_if": true}');
INSERT INTO "event" VALUES(13,1796057030458,'plan.started',7,'c6e920a6-55b6-49cf-88ba-0618deb9989e',NULL,'{"name": null}');
INSERT INTO "event" VALUES(14,1796057030496,'plan.finished',7,'c6e920a6-55b6-49cf-88ba-0618deb9989e',NULL,'{"name": null, "warnings": [{"code": "bound.none", "message": "Nothing is proven about this plan: others may cost far less."}], "cost": 1326475, "bound": 0, "gap": 1.0, "placed_shards": 3, "unplaced_shards": 0, "seconds": 0.1}');
CREATE TABLE generation (
	part VARCHAR(32) NOT NULL, 
	generation BIGINT NOT NULL, 
	CONSTRAINT pk_generation PRIMARY KEY (part)
);
INSERT INTO "generation" VALUES('all',7);
INSERT INTO "generation" VALUES('catalogue',1);
INSERT INTO "generation" VALUES('network',4);
INSERT INTO "generation" VALUES('policies',3);
INSERT INTO "generation" VALUES('workloads',7);
INSERT INTO "generation" VALUES('allocation',7);
CREATE TABLE "job" (
	id VARCHAR(36) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	owner VARCHAR(64), 
	attempt INTEGER NOT NULL, 
	failures INTEGER NOT NULL, 
	stop BOOLEAN NOT NULL, 
	submitted_ms BIGINT NOT NULL, 
	last_failure TEXT, 
	priority INTEGER DEFAULT '1' NOT NULL, 
	beat BIGINT NOT NULL, 
	CONSTRAINT pk_job PRIMARY KEY (id)
);
INSERT INTO "job" VALUES('4e52c01e-2597-44c6-9c2b-7cfb67327bf7','done','test',1,0,0,1796057015066,NULL,1,1);
INSERT INTO "job" VALUES('c6e920a6-55b6-49cf-88ba-0618deb9989e','done','test',1,0,0,1796057030378,NULL,1,1);
CREATE TABLE memory (
	plan_id VARCHAR(36) NOT NULL, 
	body BLOB NOT NULL, 
	CONSTRAINT pk_memory PRIMARY KEY (plan_id)
);
CREATE TABLE "plan" (
	id VARCHAR(36) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	what_if BOOLEAN NOT NULL, 
	submitted_ms BIGINT NOT NULL, 
	started_ms BIGINT, 
	finished_ms BIGINT, 
	revision INTEGER NOT NULL, 
	generation BIGINT, 
	applied_generation BIGINT, 
	applied JSON, 
	result JSON, 
	failure JSON, 
	brief JSON NOT NULL, 
	CONSTRAINT pk_plan PRIMARY KEY (id)
);
INSERT INTO "plan" VALUES('4e52c01e-2597-44c6-9c2b-7cfb67327bf7','finished',0,1796057015066,1796057030065,1796057030176,4,6,7,'{"plan": "4e52c01e-2597-44c6-9c2b-7cfb67327bf7", "generation": 7, "placed": 2, "moved": 0, "resized": 0, "unplaced": 0, "kept": 0, "ended": 0, "disturbed": 0, "reverified": false}','{"warnings": [{"code": "bound.none", "message": "Nothing is proven about this plan: others may cost far less."}], "status": "feasible", "cost": 1548343, "bound": 0, "bounded": true, "gap": 1.0, "cost_by_goal": [{"goal": "unplaced", "krw_month": 0}, {"goal": "accelerators", "krw_month": 1508000}, {"goal": "energy", "krw_month": 39858}, {"goal": "transport", "krw_month": 485}, {"goal": "moves", "krw_month": 0}, {"goal": "disturbed", "krw_month": 0}], "request_cost": 1548343, "request_cost_by_goal": [{"goal": "unplaced", "krw_month": 0}, {"goal": "accelerators", "krw_month": 1508000}, {"goal": "energy", "krw_month": 39858}, {"goal": "transport", "krw_month": 485}, {"goal": "moves", "krw_month": 0}, {"goal": "disturbed", "krw_month": 0}], "placed_shards": 2, "unplaced_shards": 0, "disturbed_shards": 0, "moved_shards": 0, "not_operating": [], "effective_terms": {"horizon": "2026-12-01", "lowest_commitment": "operational", "weights": {"unplaced": 1000, "accelerators": 1000, "energy": 1000, "transport": 1000, "moves": 1000}, "share_caps": []}, "seconds": 0.1, "first_seconds": 0.1, "bound_seconds": 0.1, "prices": [], "summary": {"placed": {"workloads": 2, "shards": 2, "devices": 20}, "refused": {"workloads": 0, "shards": 0, "devices": 0}, "cost_krw_month": 1548343, "cost_by_goal": [{"goal": "unplaced", "krw_month": 0}, {"goal": "accelerators", "krw_month": 1508000}, {"goal": "energy", "krw_month": 39858}, {"goal": "transport", "krw_month": 485}, {"goal": "moves", "krw_month": 0}, {"goal": "disturbed", "krw_month": 0}], "by_tier": [{"tier": "mec", "shards": 1, "devices": 10}, {"tier": "regional", "shards": 1, "devices": 10}], "use_by_tier": [{"group": "mec", "resource": "accelerators", "unit": "thousandths of a card", "nodes": 1, "used": 1000, "capacity": 2000, "used_permille": 500}, {"group": "mec", "resource": "memory", "unit": "MiB", "nodes": 1, "used": 4096, "capacity": 262144, "used_permille": 15}, {"group": "mec", "resource": "power", "unit": "W", "nodes": 1, "used": 300, "capacity": 5000, "used_permille": 60}, {"group": "mec", "resource": "vcpu", "unit": "thousandths of a vCPU", "nodes": 1, "used": 1000, "capacity": 64000, "used_permille": 15}, {"group": "regional", "resource": "accelerators", "unit": "thousandths of a card", "nodes": 1, "used": 1000, "capacity": 4000, "used_permille": 250}, {"group": "regional", "resource": "memory", "unit": "MiB", "nodes": 1, "used": 4096, "capacity": 1048576, "used_permille": 3}, {"group": "regional", "resource": "power", "unit": "W", "nodes": 1, "used": 300, "capacity": 20000, "used_permille": 15}, {"group": "regional", "resource": "vcpu", "unit": "thousandths of a vCPU", "nodes": 1, "used": 1000, "capacity": 256000, "used_permille": 3}], "use_by_province": [{"group": "KR-26", "resource": "accelerators", "unit": "thousandths of a card", "nodes": 1, "used": 1000, "capacity": 2000, "used_permille": 500}, {"group": "KR-26", "resource": "memory", "unit": "MiB", "nodes": 1, "used": 4096, "capacity": 262144, "used_permille": 15}, {"group": "KR-26", "resource": "power", "unit": "W", "nodes": 1, "used": 300, "capacity": 5000, "used_permille": 60}, {"group": "KR-26", "resource": "vcpu", "unit": "thousandths of a vCPU", "nodes": 1, "used": 1000, "capacity": 64000, "used_permille": 15}, {"group": "KR-50", "resource": "accelerators", "unit": "thousandths of a card", "nodes": 1, "used": 1000, "capacity": 4000, "used_permille": 250}, {"group": "KR-50", "resource": "memory", "unit": "MiB", "nodes": 1, "used": 4096, "capacity": 1048576, "used_permille": 3}, {"group": "KR-50", "resource": "power", "unit": "W", "nodes": 1, "used": 300, "capacity": 20000, "used_permille": 15}, {"group": "KR-50", "resource": "vcpu", "unit": "thousandths of a vCPU", "nodes": 1, "used": 1000, "capacity": 256000, "used_permille": 3}], "tightest": [{"rule": "node_capacity", "key": "hub/card", "resource": "accelerators", "unit": "thousandths of a card", "used": 1000, "capacity": 2000, "used_permille": 500}, {"rule": "node_capacity", "key": "centre/card", "resource": "accelerators", "unit": "thousandths of a card", "used": 1000, "capacity": 4000, "used_permille": 250}, {"rule": "node_capacity", "key": "hub", "resource": "power", "unit": "W", "used": 300, "capacity": 5000, "used_permille": 60}, {"rule": "node_capacity", "key": "centre", "resource": "power", "unit": "W", "used": 300, "capacity": 20000, "used_permille": 15}, {"rule": "node_capacity", "key": "hub", "resource": "memory", "unit": "MiB", "used": 4096, "capacity": 262144, "used_permille": 15}, {"rule": "node_capacity", "key": "hub", "resource": "vcpu", "unit": "thousandths of a vCPU", "used": 1000, "capacity": 64000, "used_permille": 15}, {"rule": "node_capacity", "key": "centre", "resource": "memory", "unit": "MiB", "used": 4096, "capacity": 1048576, "used_permille": 3}, {"rule": "node_capacity", "key": "centre", "resource": "vcpu", "unit": "thousandths of a vCPU", "used": 1000, "capacity": 256000, "used_permille": 3}, {"rule": "access_capacity", "key": "plant-wired", "resource": "downlink", "unit": "thousandths of a cell", "used": 2, "capacity": 1000, "used_permille": 2}, {"rule": "access_capacity", "key": "plant-wired", "resource": "uplink", "unit": "thousandths of a cell", "used": 2, "capacity": 1000, "used_permille": 2}, {"rule": "link_capacity", "key": "hub-centre>centre", "resource": "bandwidth", "unit": "kbit/s", "used": 8000, "capacity": 10000000, "used_permille": 0}, {"rule": "link_capacity", "key": "hub-centre>hub", "resource": "bandwidth", "unit": "kbit/s", "used": 80, "capacity": 10000000, "used_permille": 0}], "margins": {"least_us": 40988, "p05_us": 40988, "median_us": 44988, "p95_us": 44988, "tightest": [{"workload": "night-cameras", "shard": 0, "node": "centre", "deadline_us": 60000, "margin_us": 40988}, {"workload": "cameras", "shard": 0, "node": "hub", "deadline_us": 60000, "margin_us": 44988}]}}, "started_from": null, "cut_off": null, "reported_cost": null, "restored": null}',NULL,'{"name": null, "note": null, "workloads": 2, "terms": {"horizon": "2026-12-01"}, "limits": {"seconds": 1.0}, "priority": "normal"}');
INSERT INTO "plan" VALUES('c6e920a6-55b6-49cf-88ba-0618deb9989e','finished',1,1796057030378,1796057030447,1796057030495,3,7,NULL,NULL,'{"warnings": [{"code": "bound.none", "message": "Nothing is proven about this plan: others may cost far less."}], "status": "feasible", "cost": 1326475, "bound": 0, "bounded": true, "gap": 1.0, "cost_by_goal": [{"goal": "unplaced", "krw_month": 0}, {"goal": "accelerators", "krw_month": 1216005}, {"goal": "energy", "krw_month": 109500}, {"goal": "transport", "krw_month": 970}, {"goal": "moves", "krw_month": 0}, {"goal": "disturbed", "krw_month": 0}], "request_cost": 608485, "request_cost_by_goal": [{"goal": "unplaced", "krw_month": 0}, {"goal": "accelerators", "krw_month": 608000}, {"goal": "energy", "krw_month": 0}, {"goal": "transport", "krw_month": 485}, {"goal": "moves", "krw_month": 0}, {"goal": "disturbed", "krw_month": 0}], "placed_shards": 3, "unplaced_shards": 0, "disturbed_shards": 0, "moved_shards": 0, "not_operating": [], "effective_terms": {"horizon": "2026-12-01", "lowest_commitment": "operational", "weights": {"unplaced": 1000, "accelerators": 1000, "energy": 1000, "transport": 1000, "moves": 1000}, "share_caps": []}, "seconds": 0.1, "first_seconds": 0.1, "bound_seconds": 0.1, "prices": [], "summary": {"placed": {"workloads": 3, "shards": 3, "devices": 30}, "refused": {"workloads": 0, "shards": 0, "devices": 0}, "cost_krw_month": 1326475, "cost_by_goal": [{"goal": "unplaced", "krw_month": 0}, {"goal": "accelerators", "krw_month": 1216005}, {"goal": "energy", "krw_month": 109500}, {"goal": "transport", "krw_month": 970}, {"goal": "moves", "krw_month": 0}, {"goal": "disturbed", "krw_month": 0}], "by_tier": [{"tier": "mec", "shards": 1, "devices": 10}, {"tier": "regional", "shards": 2, "devices": 20}], "use_by_tier": [{"group": "mec", "resource": "accelerators", "unit": "thousandths of a card", "nodes": 1, "used": 1000, "capacity": 2000, "used_permille": 500}, {"group": "mec", "resource": "memory", "unit": "MiB", "nodes": 1, "used": 4096, "capacity": 262144, "used_permille": 15}, {"group": "mec", "resource": "power", "unit": "W", "nodes": 1, "used": 300, "capacity": 5000, "used_permille": 60}, {"group": "mec", "resource": "vcpu", "unit": "thousandths of a vCPU", "nodes": 1, "used": 1000, "capacity": 64000, "used_permille": 15}, {"group": "regional", "resource": "accelerators", "unit": "thousandths of a card", "nodes": 1, "used": 2000, "capacity": 4000, "used_permille": 500}, {"group": "regional", "resource": "memory", "unit": "MiB", "nodes": 1, "used": 8192, "capacity": 1048576, "used_permille": 7}, {"group": "regional", "resource": "power", "unit": "W", "nodes": 1, "used": 600, "capacity": 20000, "used_permille": 30}, {"group": "regional", "resource": "vcpu", "unit": "thousandths of a vCPU", "nodes": 1, "used": 2000, "capacity": 256000, "used_permille": 7}], "use_by_province": [{"group": "KR-26", "resource": "accelerators", "unit": "thousandths of a card", "nodes": 1, "used": 1000, "capacity": 2000, "used_permille": 500}, {"group": "KR-26", "resource": "memory", "unit": "MiB", "nodes": 1, "used": 4096, "capacity": 262144, "used_permille": 15}, {"group": "KR-26", "resource": "power", "unit": "W", "nodes": 1, "used": 300, "capacity": 5000, "used_permille": 60}, {"group": "KR-26", "resource": "vcpu", "unit": "thousandths of a vCPU", "nodes": 1, "used": 1000, "capacity": 64000, "used_permille": 15}, {"group": "KR-50", "resource": "accelerators", "unit": "thousandths of a card", "nodes": 1, "used": 2000, "capacity": 4000, "used_permille": 500}, {"group": "KR-50", "resource": "memory", "unit": "MiB", "nodes": 1, "used": 8192, "capacity": 1048576, "used_permille": 7}, {"group": "KR-50", "resource": "power", "unit": "W", "nodes": 1, "used": 600, "capacity": 20000, "used_permille": 30}, {"group": "KR-50", "resource": "vcpu", "unit": "thousandths of a vCPU", "nodes": 1, "used": 2000, "capacity": 256000, "used_permille": 7}], "tightest": [{"rule": "node_capacity", "key": "centre/card", "resource": "accelerators", "unit": "thousandths of a card", "used": 2000, "capacity": 4000, "used_permille": 500}, {"rule": "node_capacity", "key": "hub/card", "resource": "accelerators", "unit": "thousandths of a card", "used": 1000, "capacity": 2000, "used_permille": 500}, {"rule": "node_capacity", "key": "hub", "resource": "power", "unit": "W", "used": 300, "capacity": 5000, "used_permille": 60}, {"rule": "node_capacity", "key": "centre", "resource": "power", "unit": "W", "used": 600, "capacity": 20000, "used_permille": 30}, {"rule": "node_capacity", "key": "hub", "resource": "memory", "unit": "MiB", "used": 4096, "capacity": 262144, "used_permille": 15}, {"rule": "node_capacity", "key": "hub", "resource": "vcpu", "unit": "thousandths of a vCPU", "used": 1000, "capacity": 64000, "used_permille": 15}, {"rule": "node_capacity", "key": "centre", "resource": "memory", "unit": "MiB", "used": 8192, "capacity": 1048576, "used_permille": 7}, {"rule": "node_capacity", "key": "centre", "resource": "vcpu", "unit": "thousandths of a vCPU", "used": 2000, "capacity": 256000, "used_permille": 7}, {"rule": "access_capacity", "key": "plant-wired", "resource": "downlink", "unit": "thousandths of a cell", "used": 3, "capacity": 1000, "used_permille": 3}, {"rule": "access_capacity", "key": "plant-wired", "resource": "uplink", "unit": "thousandths of a cell", "used": 3, "capacity": 1000, "used_permille": 3}, {"rule": "link_capacity", "key": "hub-centre>centre", "resource": "bandwidth", "unit": "kbit/s", "used": 16000, "capacity": 10000000, "used_permille": 1}, {"rule": "link_capacity", "key": "hub-centre>hub", "resource": "bandwidth", "unit": "kbit/s", "used": 160, "capacity": 10000000, "used_permille": 0}], "margins": {"least_us": 40988, "p05_us": 40988, "median_us": 40988, "p95_us": 44988, "tightest": [{"workload": "given", "shard": 0, "node": "centre", "deadline_us": 60000, "margin_us": 40988}, {"workload": "night-cameras", "shard": 0, "node": "centre", "deadline_us": 60000, "margin_us": 40988}, {"workload": "cameras", "shard": 0, "node": "hub", "deadline_us": 60000, "margin_us": 44988}]}}, "started_from": null, "cut_off": null, "reported_cost": null, "restored": null}',NULL,'{"name": null, "note": null, "workloads": 1, "terms": {"horizon": "2026-12-01"}, "limits": {"seconds": 1.0}, "priority": "normal"}');
CREATE TABLE progress (
	plan_id VARCHAR(36) NOT NULL, 
	attempt INTEGER NOT NULL, 
	ordinal INTEGER NOT NULL, 
	seconds FLOAT NOT NULL, 
	cost BIGINT NOT NULL, 
	bound BIGINT NOT NULL, 
	unplaced INTEGER NOT NULL, 
	phase VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_progress PRIMARY KEY (plan_id, attempt, ordinal)
);
INSERT INTO "progress" VALUES('4e52c01e-2597-44c6-9c2b-7cfb67327bf7',1,0,0.1,1548343,0,0,'end');
INSERT INTO "progress" VALUES('c6e920a6-55b6-49cf-88ba-0618deb9989e',1,0,0.1,1326475,0,0,'end');
CREATE TABLE reference (
	kind VARCHAR(32) NOT NULL, 
	id VARCHAR(128) NOT NULL, 
	target_kind VARCHAR(32) NOT NULL, 
	target VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_reference PRIMARY KEY (kind, id, target_kind, target)
);
INSERT INTO "reference" VALUES('profiles','detector-card','accelerators','card');
INSERT INTO "reference" VALUES('profiles','detector-card','models','detector');
INSERT INTO "reference" VALUES('nodes','hub','accelerators','card');
INSERT INTO "reference" VALUES('links','hub-centre','nodes','hub');
INSERT INTO "reference" VALUES('links','hub-centre','nodes','centre');
INSERT INTO "reference" VALUES('accesses','plant-wired','sites','plant');
INSERT INTO "reference" VALUES('accesses','plant-wired','nodes','hub');
INSERT INTO "reference" VALUES('nodes','centre','accelerators','card');
INSERT INTO "reference" VALUES('workloads','cameras','accesses','plant-wired');
INSERT INTO "reference" VALUES('workloads','cameras','policies','open');
INSERT INTO "reference" VALUES('workloads','cameras','models','detector');
INSERT INTO "reference" VALUES('workloads','night-cameras','accesses','plant-wired');
INSERT INTO "reference" VALUES('workloads','night-cameras','policies','open');
INSERT INTO "reference" VALUES('workloads','night-cameras','models','detector');
CREATE TABLE request (
	plan_id VARCHAR(36) NOT NULL, 
	body JSON NOT NULL, 
	CONSTRAINT pk_request PRIMARY KEY (plan_id)
);
INSERT INTO "request" VALUES('4e52c01e-2597-44c6-9c2b-7cfb67327bf7','{"workload_ids": ["cameras", "night-cameras"], "terms": {"horizon": "2026-12-01"}, "limits": {"seconds": 1.0}}');
INSERT INTO "request" VALUES('c6e920a6-55b6-49cf-88ba-0618deb9989e','{"workloads": [{"id": "given", "access": "plant-wired", "model": "detector", "devices": 10, "rate_mhz": 5000, "payload_up_bytes": 20000, "payload_down_bytes": 200, "deadline_us": 60000, "policy": "open", "value_krw_month": 50000000}], "terms": {"horizon": "2026-12-01"}, "what_if": {"nodes": [{"id": "hub", "pools": [{"accelerator": "card", "count": 2, "price_krw_month": 5}], "power_price_krw_kwh": 500}]}, "limits": {"seconds": 1.0}}');
CREATE TABLE snapshot (
	generation BIGINT NOT NULL, 
	body BLOB NOT NULL, 
	CONSTRAINT pk_snapshot PRIMARY KEY (generation)
);
INSERT INTO "snapshot" VALUES(6,X'7801D5553D6FDB3014FC2B0667D9B01CDB89B5762990A1458A4E492050146331A64881A26CA841FF7BEF5194AD38998A2EF5C627F27DDCDD3BBFB1BD34D271AFAC61D93661C696B265D9E31B5325CB9890C63BC910E7B5C4F9CB78D6DCB3EC66BBD8244CD3D37475BB5825CC2BE970CDC93D12728D87C27648D12378FF80A33DA11C0E5E6A61C7737E75A996DE595C6AE5AB357BDC6A9C3D2A23A883FB87F966490F1B6ADBBECB1543D7E91A6BF530131742EAF33BC15D894CA138CBD6544609991FDC29AFADF1150059D2EFF773C28EA2E958B6DA00A25AD6D6F579AD0A8CBD5CDF6D6E116CEC49BAFC842BF462B89F7FC87747D992886DD51571346978180EA8BF28A94B6A1619D1F5E23AC558E9123F9C2A86060BDE2ABC63B2F5AAE65ED264ADED5C00ADE86715376532E3EDEC891DB9EE26633EB16C96CEF098E68C3C7F0DBD0D246F16E999E4DD02B345926B2946F4FE92DFA26BB989185CE85D6D11FAE7F4429C17CC22BD3BE26A42EF161A98B2BBDAAED235E962247783EBE3F1928D18C8D2BB15E1A795394CF6071CCFCF3B74A66360DE73B797D8A2CB92016F69449F77C8403A823679C385F27D7E281A0453EA17BF84BD764EB5A512B4B8548FB60BE52F4DEDF1E09D8CA9BB56F9E976379A1B0FB023E9DFE371A41D90C5DDDE91040ECA9025BC7081B5EB835A689FDAF643CAF949B94180A88727E73A30171CE3F85254C66ABB276F181F38EFF366B30C08DCD09C21B0DB85C09A025D43107FC0A384B17CF281869E2CFD8499B8FC4769CA6022353FC098B0B82130B1909F3F109DAA62BD4B37A4A65114E893CAC0A35E949E62514A2F09AB79AC55637C8D61C738F24E7AC38778CFC13155B05B47EC14DC8B2AE47D4C1352E033AA4D1BBA4B77E8871C0AA6A4B51A7492B0CAB63E9F5E5C2F7753AB1A1BB75A09356D1CCB476B1965F18D4E34E1C9BA83B63CD8D3F8FF80BF05C7DB38490B7C07B2CF0AF864E6521E61B341CDE01792CFEBEA17CBE26EF19E4AE45D93177D106B34D4267E20A2279F12A0C94B302F8344826113371889741527B972BCA1D8B048B53D4AB00DA4E0FB2CBBA5E8D9A28DDA571EF4FDDF431277D09451F82FCD1E9F7FFF01913F9364');
INSERT INTO "snapshot" VALUES(7,X'7801D5564D8FDA3014FC2BC8E780480AEC926B2F957A68D5AA27BA8A8CE3252E8E1D390E88AEF6BF779E6343CAF654F5D2DCFC6CBFAF9937CE0B3B48231DF7CA1A563E64CCD85AF6ACDCBD3055B3920969BC930C76DE4AACDFA7B5E69E95EF368B75C6345DCD8B87459131AFA4C331270F70C8352E0A3BC0C505C68F5FB0B46784C3C24B2D6C5A5777875AE99DC5A15EFEB0E680539DB327650465F0F1CB7CBDA48B1DA56D7FF3154DF7EE3A6BF558131742EAEB3DC15D0D4F21382B57144609591DDDB96AADF10D2B374BFA5E9F327612DDC0CA62BDC9582B5BEB2E55ABF6287BB97A5C3FC0D8D9B374D51947E8C678BE7AE3EF91BC65B1B7CDB08FA549C34371E8FAB392BAA664E111592FEE5DA44837FBF1DC3024B8E7BDC23D267BAF5AEE2555D6DBC185A6ED2FB3869B3A9BF17EF69D9DB81E26657E67E52C9FE132D51971FE10721B415E2FF22BC8DB056A8B20B752A4EEFD25BEFBA1E726F6E0066FB181E99FC30B72DE7A16E1DD1256137837E0C014DD6253E42BE24502778DE36979F3460894F96341FDD3CA1C27F3038CE7D719BAC23122EFB93B484CD16DC8D06F69C4A51AE08178046EF28E0BE52FD571DFC19853BEF832F66370AAAF95A0C1A578345D087F4BEA800BBFD198B2EB959F4E77A7B9F1687604FD735C26D8D1B238DB5BA2C051199284672E307697C0169AA7BE7FE3727E566E2420E2E1CA350EC405CB58BE148DB1DA1E481BD205E77DD5AD97A103EFA8CE60D86E83614586A1A316BFE9470D61F9C306153D19FA093271F84FD2D441445A7E8430617083612221DFBEC23A65C56A9BAF894D8914C893C240A39E959EF6A2965E52AFE631568BF2358A4D76F89DE4868D78CE413155905B47E8ECB9174DF0BBCB3362E013A24D137ACCB7C887140AA2A4B51A7992B1C6F6BE9A1E5C2DB753A94A895BAD849A268EE1A3B18CB4F8442BAAF06CDD515B1EE429BD0F78161CEF63253DFA3B827D65C01F6AAEE509321BD80C7C41F9AA6D7EB232CE16BF50886AE8AAFD2590350A6A173708E8C956866EF21AC8CB409120D8840D4A225EC54AEE146F0C360E526B4F1268A353D07D3C8164BD4AB45187C603BEFFBB48C20E9C320A6F29BDEC09C7C0B8545ADFD06B5862C2E817005BE3944656639D589BD8DC4B77928E602499728115BB6516D819285B69D52AE85B4EED9CC4BC6FEA9BC857C1FCBBE0CE0EA43A3BAA20892F3A7097132C5EBAB6AF94A99E6D78265F30314EFDA4DF19562C8BCD3C2FE6CB1CDCD618751044D81605B5F805C281F1814A7F3967494C41335E5EA1B2682538C549B1774FAFAFBF00E9710E43');
CREATE TABLE summary (
	id INTEGER NOT NULL, 
	generation BIGINT NOT NULL, 
	plan_id VARCHAR(36) NOT NULL, 
	body JSON NOT NULL, terms JSON, 
	CONSTRAINT pk_summary PRIMARY KEY (id)
);
INSERT INTO "summary" VALUES(1,7,'4e52c01e-2597-44c6-9c2b-7cfb67327bf7','{"placed": {"workloads": 2, "shards": 2, "devices": 20}, "refused": {"workloads": 0, "shards": 0, "devices": 0}, "cost_krw_month": 1548343, "cost_by_goal": [{"goal": "unplaced", "krw_month": 0}, {"goal": "accelerators", "krw_month": 1508000}, {"goal": "energy", "krw_month": 39858}, {"goal": "transport", "krw_month": 485}, {"goal": "moves", "krw_month": 0}, {"goal": "disturbed", "krw_month": 0}], "by_tier": [{"tier": "mec", "shards": 1, "devices": 10}, {"tier": "regional", "shards": 1, "devices": 10}], "use_by_tier": [{"group": "mec", "resource": "accelerators", "unit": "thousandths of a card", "nodes": 1, "used": 1000, "capacity": 2000, "used_permille": 500}, {"group": "mec", "resource": "memory", "unit": "MiB", "nodes": 1, "used": 4096, "capacity": 262144, "used_permille": 15}, {"group": "mec", "resource": "power", "unit": "W", "nodes": 1, "used": 300, "capacity": 5000, "used_permille": 60}, {"group": "mec", "resource": "vcpu", "unit": "thousandths of a vCPU", "nodes": 1, "used": 1000, "capacity": 64000, "used_permille": 15}, {"group": "regional", "resource": "accelerators", "unit": "thousandths of a card", "nodes": 1, "used": 1000, "capacity": 4000, "used_permille": 250}, {"group": "regional", "resource": "memory", "unit": "MiB", "nodes": 1, "used": 4096, "capacity": 1048576, "used_permille": 3}, {"group": "regional", "resource": "power", "unit": "W", "nodes": 1, "used": 300, "capacity": 20000, "used_permille": 15}, {"group": "regional", "resource": "vcpu", "unit": "thousandths of a vCPU", "nodes": 1, "used": 1000, "capacity": 256000, "used_permille": 3}], "use_by_province": [{"group": "KR-26", "resource": "accelerators", "unit": "thousandths of a card", "nodes": 1, "used": 1000, "capacity": 2000, "used_permille": 500}, {"group": "KR-26", "resource": "memory", "unit": "MiB", "nodes": 1, "used": 4096, "capacity": 262144, "used_permille": 15}, {"group": "KR-26", "resource": "power", "unit": "W", "nodes": 1, "used": 300, "capacity": 5000, "used_permille": 60}, {"group": "KR-26", "resource": "vcpu", "unit": "thousandths of a vCPU", "nodes": 1, "used": 1000, "capacity": 64000, "used_permille": 15}, {"group": "KR-50", "resource": "accelerators", "unit": "thousandths of a card", "nodes": 1, "used": 1000, "capacity": 4000, "used_permille": 250}, {"group": "KR-50", "resource": "memory", "unit": "MiB", "nodes": 1, "used": 4096, "capacity": 1048576, "used_permille": 3}, {"group": "KR-50", "resource": "power", "unit": "W", "nodes": 1, "used": 300, "capacity": 20000, "used_permille": 15}, {"group": "KR-50", "resource": "vcpu", "unit": "thousandths of a vCPU", "nodes": 1, "used": 1000, "capacity": 256000, "used_permille": 3}], "tightest": [{"rule": "node_capacity", "key": "hub/card", "resource": "accelerators", "unit": "thousandths of a card", "used": 1000, "capacity": 2000, "used_permille": 500}, {"rule": "node_capacity", "key": "centre/card", "resource": "accelerators", "unit": "thousandths of a card", "used": 1000, "capacity": 4000, "used_permille": 250}, {"rule": "node_capacity", "key": "hub", "resource": "power", "unit": "W", "used": 300, "capacity": 5000, "used_permille": 60}, {"rule": "node_capacity", "key": "centre", "resource": "power", "unit": "W", "used": 300, "capacity": 20000, "used_permille": 15}, {"rule": "node_capacity", "key": "hub", "resource": "memory", "unit": "MiB", "used": 4096, "capacity": 262144, "used_permille": 15}, {"rule": "node_capacity", "key": "hub", "resource": "vcpu", "unit": "thousandths of a vCPU", "used": 1000, "capacity": 64000, "used_permille": 15}, {"rule": "node_capacity", "key": "centre", "resource": "memory", "unit": "MiB", "used": 4096, "capacity": 1048576, "used_permille": 3}, {"rule": "node_capacity", "key": "centre", "resource": "vcpu", "unit": "thousandths of a vCPU", "used": 1000, "capacity": 256000, "used_permille": 3}, {"rule": "access_capacity", "key": "plant-wired", "resource": "downlink", "unit": "thousandths of a cell", "used": 2, "capacity": 1000, "used_permille": 2}, {"rule": "access_capacity", "key": "plant-wired", "resource": "uplink", "unit": "thousandths of a cell", "used": 2, "capacity": 1000, "used_permille": 2}, {"rule": "link_capacity", "key": "hub-centre>centre", "resource": "bandwidth", "unit": "kbit/s", "used": 8000, "capacity": 10000000, "used_permille": 0}, {"rule": "link_capacity", "key": "hub-centre>hub", "resource": "bandwidth", "unit": "kbit/s", "used": 80, "capacity": 10000000, "used_permille": 0}], "margins": {"least_us": 40988, "p05_us": 40988, "median_us": 44988, "p95_us": 44988, "tightest": [{"workload": "night-cameras", "shard": 0, "node": "centre", "deadline_us": 60000, "margin_us": 40988}, {"workload": "cameras", "shard": 0, "node": "hub", "deadline_us": 60000, "margin_us": 44988}]}}','{"horizon": "2026-12-01", "lowest_commitment": "operational", "weights": {"unplaced": 1000, "accelerators": 1000, "energy": 1000, "transport": 1000, "moves": 1000}, "share_caps": []}');
CREATE TABLE usage (
	plan_id VARCHAR(36) NOT NULL, 
	rule VARCHAR(64) NOT NULL, 
	"key" VARCHAR(200) NOT NULL, 
	resource VARCHAR(200) NOT NULL, 
	unit VARCHAR(32) NOT NULL, 
	used BIGINT NOT NULL, 
	capacity BIGINT NOT NULL, 
	CONSTRAINT pk_usage PRIMARY KEY (plan_id, rule, "key", resource)
);
INSERT INTO "usage" VALUES('4e52c01e-2597-44c6-9c2b-7cfb67327bf7','node_capacity','centre/card','accelerators','thousandths of a card',1000,4000);
INSERT INTO "usage" VALUES('4e52c01e-2597-44c6-9c2b-7cfb67327bf7','node_capacity','hub/card','accelerators','thousandths of a card',1000,2000);
INSERT INTO "usage" VALUES('4e52c01e-2597-44c6-9c2b-7cfb67327bf7','node_capacity','centre','vcpu','thousandths of a vCPU',1000,256000);
INSERT INTO "usage" VALUES('4e52c01e-2597-44c6-9c2b-7cfb67327bf7','node_capacity','hub','vcpu','thousandths of a vCPU',1000,64000);
INSERT INTO "usage" VALUES('4e52c01e-2597-44c6-9c2b-7cfb67327bf7','node_capacity','centre','memory','MiB',4096,1048576);
INSERT INTO "usage" VALUES('4e52c01e-2597-44c6-9c2b-7cfb67327bf7','node_capacity','hub','memory','MiB',4096,262144);
INSERT INTO "usage" VALUES('4e52c01e-2597-44c6-9c2b-7cfb67327bf7','node_capacity','centre','power','W',300,20000);
INSERT INTO "usage" VALUES('4e52c01e-2597-44c6-9c2b-7cfb67327bf7','node_capacity','hub','power','W',300,5000);
INSERT INTO "usage" VALUES('4e52c01e-2597-44c6-9c2b-7cfb67327bf7','access_capacity','plant-wired','uplink','thousandths of a cell',2,1000);
INSERT INTO "usage" VALUES('4e52c01e-2597-44c6-9c2b-7cfb67327bf7','access_capacity','plant-wired','downlink','thousandths of a cell',2,1000);
INSERT INTO "usage" VALUES('4e52c01e-2597-44c6-9c2b-7cfb67327bf7','link_capacity','hub-centre>centre','bandwidth','kbit/s',8000,10000000);
INSERT INTO "usage" VALUES('4e52c01e-2597-44c6-9c2b-7cfb67327bf7','link_capacity','hub-centre>hub','bandwidth','kbit/s',80,10000000);
INSERT INTO "usage" VALUES('c6e920a6-55b6-49cf-88ba-0618deb9989e','node_capacity','centre/card','accelerators','thousandths of a card',2000,4000);
INSERT INTO "usage" VALUES('c6e920a6-55b6-49cf-88ba-0618deb9989e','node_capacity','hub/card','accelerators','thousandths of a card',1000,2000);
INSERT INTO "usage" VALUES('c6e920a6-55b6-49cf-88ba-0618deb9989e','node_capacity','centre','vcpu','thousandths of a vCPU',2000,256000);
INSERT INTO "usage" VALUES('c6e920a6-55b6-49cf-88ba-0618deb9989e','node_capacity','hub','vcpu','thousandths of a vCPU',1000,64000);
INSERT INTO "usage" VALUES('c6e920a6-55b6-49cf-88ba-0618deb9989e','node_capacity','centre','memory','MiB',8192,1048576);
INSERT INTO "usage" VALUES('c6e920a6-55b6-49cf-88ba-0618deb9989e','node_capacity','hub','memory','MiB',4096,262144);
INSERT INTO "usage" VALUES('c6e920a6-55b6-49cf-88ba-0618deb9989e','node_capacity','centre','power','W',600,20000);
INSERT INTO "usage" VALUES('c6e920a6-55b6-49cf-88ba-0618deb9989e','node_capacity','hub','power','W',300,5000);
INSERT INTO "usage" VALUES('c6e920a6-55b6-49cf-88ba-0618deb9989e','access_capacity','plant-wired','uplink','thousandths of a cell',3,1000);
INSERT INTO "usage" VALUES('c6e920a6-55b6-49cf-88ba-0618deb9989e','access_capacity','plant-wired','downlink','thousandths of a cell',3,1000);
INSERT INTO "usage" VALUES('c6e920a6-55b6-49cf-88ba-0618deb9989e','link_capacity','hub-centre>centre','bandwidth','kbit/s',16000,10000000);
INSERT INTO "usage" VALUES('c6e920a6-55b6-49cf-88ba-0618deb9989e','link_capacity','hub-centre>hub','bandwidth','kbit/s',160,10000000);
CREATE INDEX ix_allocation_node ON allocation (node);
CREATE INDEX ix_allocation_site ON allocation (site);
CREATE INDEX ix_allocation_status ON allocation (status);
CREATE INDEX ix_allocation_workload ON allocation (workload);
CREATE INDEX ix_change_kind_id ON change (kind, id);
CREATE INDEX ix_decision_plan_id_workload ON decision (plan_id, workload);
CREATE INDEX ix_reference_target_kind_target ON reference (target_kind, target);
CREATE INDEX ix_plan_status ON "plan" (status);
CREATE INDEX ix_plan_submitted_ms_id ON "plan" (submitted_ms, id);
CREATE INDEX ix_answered_at_ms ON answered (at_ms);
CREATE INDEX ix_job_state_priority_submitted_ms ON job (state, priority, submitted_ms);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('event',14);
COMMIT;
